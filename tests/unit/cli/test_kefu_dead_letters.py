"""Dead letters: read, shown, and put back byte for byte."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.dead_letters.as_json import json_bytes, letter_json, whole_letter_json
from cli.dead_letters.letter import DeadLetter, LetterId, ReplayMarker, ShownMarker, parse_letter
from cli.dead_letters.rendering import header_text, text_or_hex
from shared.bus.dead_letters import MAX_KEY_AND_HEADERS, dead_letter
from shared.bus.header_names import name_bytes, name_in, restored
from shared.bus.record import Record
from shared.contracts import topics
from shared.masking import redacted

FAILED_AT = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)
HEADERS = (("ce_type", b"support.contact.received.v1"), ("x", b"\xff\x00"), ("n", None), ("x", b"again"))
PLACE = LetterId("support.contact.v1.intake.dlq", 3, 17)

REPLAY: Final = (("dlq_topic", b"support.contact.v1"), ("dlq_group", b"intake"), ("kefu_replay_for", b"intake"))


def letter_of(**fields: Any) -> DeadLetter:
    """The letter the bus itself would write about such a record, read back."""
    given: dict[str, Any] = {"key": b"phone:+8613900001234", "value": b"\xff{bad", "headers": HEADERS} | fields
    record = Record("support.contact.v1", 3, 41, given["key"], given["value"], given["headers"], 0, None, None, None)
    written = dead_letter(record, group="intake", reason="not_json", message="原因", attempts=2, at=FAILED_AT)
    read = parse_letter(PLACE, written.key, written.value, written.headers, 0)
    assert isinstance(read, DeadLetter)
    return read


def test_a_letter_of_the_bus_is_read_back_whole() -> None:
    """Where it came from, why, and the record's own key, value and headers byte for byte."""
    letter = letter_of()
    assert (letter.topic, letter.partition, letter.offset, letter.group) == ("support.contact.v1", 3, 41, "intake")
    assert (letter.reason, letter.message, letter.attempts, letter.failed_at) == ("not_json", "原因", 2, FAILED_AT)
    assert (letter.key, letter.value, letter.headers) == (b"phone:+8613900001234", b"\xff{bad", HEADERS)


@pytest.mark.parametrize("value", [None, b"", b"\xff\x00", b"x" * 1_048_576], ids=["null", "empty", "binary", "1 MiB"])
def test_a_replay_is_the_record_as_it_was(value: bytes | None) -> None:
    """Same topic, partition, key, value and headers, and three more: which letter it was, and whom it is meant for."""
    letter = letter_of(value=value, key=None)
    again = letter.replayed(letter.value)
    assert (again.topic, again.partition, again.key, again.value) == ("support.contact.v1", 3, None, value)
    assert again.headers == (*HEADERS, *REPLAY)


def test_a_record_with_our_header_names_keeps_its_own() -> None:
    """A stranger's `dlq_topic` header is part of the record; only what the bus appended is taken off."""
    headers = (("dlq_topic", b"evil"), ("dlq_replayed", b"3/17"), *HEADERS)
    letter = letter_of(headers=headers, value=None)
    assert letter.topic == "support.contact.v1"
    assert letter.headers == headers


def test_a_letter_that_failed_again_is_meant_for_one_group_still() -> None:
    """A replayed letter that comes back is replayed with one mark, not with two."""
    letter = letter_of(headers=(("kefu_replay_for", b"somebody"), ("a", b"1")))
    assert letter.replayed(b"").headers == (("a", b"1"), *REPLAY)
    assert letter_of(headers=(("a", b"1"), *REPLAY)).replayed(b"").headers == (("a", b"1"), *REPLAY)


def test_what_no_service_would_read_is_told_and_not_kept() -> None:
    """Of a record beyond the size of a value the beginning is kept, with size and hash; it is replayed mended only."""
    letter = letter_of(value=b"x" * 3_000_000)
    assert not letter.is_whole
    assert letter.value == b"x" * 65_536
    told = dict(letter.headers)
    assert int(told["dlq_left_out"] or 0) > 3_000_000
    assert told["dlq_sha256"] == hashlib.sha256(b"x" * 3_000_000).hexdigest().encode()
    assert (letter.topic, letter.partition, letter.offset) == ("support.contact.v1", 3, 41)
    assert letter.replayed(b"mended").headers == (*HEADERS, *REPLAY)
    assert letter_of().is_whole


def test_a_batch_nobody_can_read_is_not_replayed() -> None:
    """The letter of a batch holds its place, size and hash and no record, so that there is nothing to put back."""
    known = (("batch_begin", b"41"), ("batch_end", b"60"), ("batch_bytes", b"900"), ("batch_sha256", b"ab"))
    assert not letter_of(key=None, value=None, headers=known).is_whole
    assert letter_of(headers=(*known, *HEADERS)).is_whole


def test_a_mended_value_takes_the_place_of_the_bad_one() -> None:
    """Mending replaces the value alone."""
    again = letter_of().replayed(b'{"mended": true}')
    assert (again.value, again.key) == (b'{"mended": true}', b"phone:+8613900001234")


def test_a_marker_is_read_as_what_it_says() -> None:
    """The marker a replay leaves names its letter, the time, and who did it."""
    letter = letter_of()
    marker = letter.marker(FAILED_AT, by="陈")
    place = LetterId(marker.topic, marker.partition, 99)
    assert parse_letter(place, marker.key, marker.value, marker.headers, 0) == ReplayMarker(letter.id, FAILED_AT, "陈")
    assert marker.value is None
    assert marker.key == letter.key


def test_who_saw_a_letter_in_clear_is_read_back() -> None:
    """The marker names the letter, the time, who asked and why, and keeps nothing private that the reason names."""
    letter = letter_of()
    marker = letter.shown_marker(FAILED_AT, by="陈\udcff", why="会员13912345678投诉")
    place = LetterId(marker.topic, marker.partition, 99)
    read = parse_letter(place, marker.key, marker.value, marker.headers, 0)
    assert read == ShownMarker(FAILED_AT, letter.id, "陈?", "会员139****5678投诉")
    assert (marker.value, marker.partition) == (None, letter.id.partition)


def test_a_letter_tells_who_saw_it() -> None:
    """`show --json` names every time the letter was seen in clear."""
    seen = ShownMarker(FAILED_AT, PLACE, "chen", "")
    assert whole_letter_json(replace(letter_of(), shown=(seen,)))["shown"] == [
        {"at": "2026-10-15T06:00:00+00:00", "by": "chen", "why": ""}
    ]


def test_a_foreign_record_on_the_topic_is_shown_and_not_fatal() -> None:
    """Without our headers the topic's name says where it belongs and the log says when."""
    read = parse_letter(PLACE, None, b"?", (("dlq_offset", b"\xb2"), ("dlq_failed_at", b"soon")), 1_792_044_000_000)
    assert isinstance(read, DeadLetter)
    assert (read.topic, read.group, read.partition, read.offset) == ("support.contact.v1", "intake", 3, -1)
    assert read.failed_at == FAILED_AT
    assert read.headers == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("support.contact.v1.intake.dlq/3/17", PLACE),
        ("3/17", LetterId("", 3, 17)),
        (" 3/17\n", LetterId("", 3, 17)),
        ("3", None),
        ("a/b/3/17", None),
        ("x/3/-1", None),
        ("", None),
        ("3/" + "9" * 30, None),
    ],
)
def test_ids_are_read_in_full_and_short(written: str, expected: LetterId | None) -> None:
    """An id is topic, partition and offset; the topic may be left out."""
    assert LetterId.parse(written) == expected


def test_a_short_id_means_every_letter_with_that_end() -> None:
    """The short form fits any topic, the full one only its own."""
    other = LetterId("support.action.v1.routing.dlq", 3, 17)
    assert LetterId("", 3, 17).means(PLACE)
    assert LetterId("", 3, 17).means(other)
    assert not PLACE.means(other)
    assert LetterId.parse(str(PLACE)) == PLACE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13900001234", "139****1234"),
        ("+8613900001234", "+86139****1234"),
        ('{"value":"139 0000 1234"}', '{"value":"139****1234"}'),
        ("电话13900001234。", "电话139****1234。"),
        ("订单 202610151390000123499", "订单 202610151390000123499"),
        ("12345678901", "12345678901"),
        ("13900001234567", "13900001234567"),
    ],
)
def test_phone_numbers_are_masked_and_other_numbers_are_not(text: str, expected: str) -> None:
    """A mobile number loses its middle; a longer number that contains one is something else."""
    assert redacted(text) == expected


def test_bytes_are_shown_as_what_they_are() -> None:
    """Null, text and binary are told apart, and a terminal is never commanded by a stranger's bytes."""
    assert text_or_hex(None) == "null"
    assert text_or_hex(b"") == ""
    assert text_or_hex("卡密\n无效".encode()) == "卡密\n无效"
    assert text_or_hex(b"\xff\x00") == "hex ff 00"
    assert text_or_hex(b"\x1b[2J") == "\\x1b[2J"
    assert text_or_hex("\u202e".encode()) == "\\u202e"
    assert header_text(("a\x1b", None)) == "a\\x1b: null"


def test_long_values_are_cut_and_say_so() -> None:
    """What is not shown is counted; a text is never cut within a character."""
    assert text_or_hex("卡密卡密卡".encode(), most=4) == "卡密卡密\n… 1 more characters"
    assert text_or_hex(b"\xff" * 600).endswith("\n… 88 more bytes")


def test_json_tells_null_text_and_bytes_apart() -> None:
    """For programs null is null, text is a string and anything else is hex."""
    told = whole_letter_json(letter_of())
    assert told["id"] == str(PLACE)
    assert told["key"] == "phone:+86139****1234"
    assert told["value"] == {"hex": "ff7b626164"}
    assert told["headers"] == [
        ["ce_type", "support.contact.received.v1"],
        ["x", {"hex": "ff00"}],
        ["n", None],
        ["x", "again"],
    ]
    assert json_bytes(None) is None
    assert "value" not in letter_json(letter_of())


CONTACT = {
    "sender": {"kind": "wechat_openid", "value": "oABCxyz"},
    "text": "密码：我爱北京 打138.1234.5678",
    "order_no": "20251015000123",
}


@pytest.mark.parametrize(
    "value",
    [
        json.dumps(CONTACT, ensure_ascii=False).encode(),
        json.dumps(CONTACT).encode(),
        json.dumps(CONTACT)[:-3].encode(),
        json.dumps(CONTACT, ensure_ascii=False)[:-3].encode(),
    ],
)
def test_nothing_private_of_a_letter_is_shown_unless_asked_in_clear(value: bytes) -> None:
    """A letter keeps its secrets however its document spells them, broken or not, and an operator may ask for all."""
    shown = text_or_hex(value)
    assert "我爱北京" not in shown
    assert "1234" not in shown
    assert "6211" not in shown
    assert shown == json_bytes(value)
    assert text_or_hex(value, clear=True) == json_bytes(value, clear=True) == value.decode()


def test_binary_letters_hide_the_numbers_in_them() -> None:
    """A text in an old encoding is hex, in which a telephone number would still stand."""
    value = "电话13812345678".encode("gbk")
    assert b"13812345678".hex(" ") not in text_or_hex(value)
    assert b"13812345678".hex(" ") in text_or_hex(value, clear=True)


@given(st.lists(st.tuples(st.binary(max_size=8), st.none() | st.binary(max_size=4)), max_size=6), st.booleans())
def test_names_of_any_bytes_come_back_as_they_were(named: list[tuple[bytes, bytes | None]], is_too_large: bool) -> None:
    """What a record is called by strangers survives its letter, which itself holds nothing but text."""
    headers = tuple((name_in(name), value) for name, value in named)
    value = b"0" * (topics.MAX_VALUE_BYTES + 1) if is_too_large else b"{"
    record = Record("support.contact.v1", 3, 41, b"k", value, headers, 0, None, None, None)
    written = dead_letter(record, group="intake", reason="r", message="m", attempts=1, at=FAILED_AT)
    assert "".join(name for name, _ in written.headers).encode().count(b"\0") == 0
    letter = parse_letter(PLACE, written.key, written.value, written.headers, 0)
    assert isinstance(letter, DeadLetter)
    again = letter.replayed(b"{").headers[: -len(REPLAY)]
    assert [(name_bytes(name), value) for name, value in again] == named


def test_a_record_that_says_what_its_names_were_is_not_believed() -> None:
    """A stranger's `dlq_header_names` is a header like any other, wherever it stands."""
    for headers in (
        (("a", b"1"), ("dlq_header_names", b'{"0": "62"}')),
        (("dlq_header_names", b'{"0": "62"}'), ("dlq_left_out", b"1"), ("dlq_sha256", b"2")),
        (("a", b"1"), ("dlq_header_names", b'{"0": "62"}'), ("\udcb6", None)),
    ):
        assert letter_of(headers=headers).headers == headers


@pytest.mark.parametrize("told", [None, b"", b"[]", b"{", b'{"9": "62"}', b'{"0": "6"}', b'{"x": "62"}', b'{"0": 1}'])
def test_what_cannot_be_the_names_changes_none(told: bytes | None) -> None:
    """A letter that somebody else wrote is shown as it lies there."""
    assert restored((("a", b"1"),), told) == (("a", b"1"),)


def test_a_name_in_gbk_is_shown_as_its_bytes_and_its_characters() -> None:
    """To a person with both, to a program as hex; what is neither UTF-8 nor GBK as bytes alone."""
    gbk = name_in("订单号".encode("gbk"))
    assert header_text((gbk, b"1")) == r"\xb6\xa9\xb5\xa5\xba\xc5 (in GBK: 订单号): 1"
    assert header_text((name_in(b"\xff"), b"1")) == r"\xff: 1"
    assert whole_letter_json(letter_of(headers=((gbk, b"1"),)))["headers"] == [[{"hex": "b6a9b5a5bac5"}, "1"]]


@pytest.mark.parametrize(("size", "count", "is_whole"), [(30_000, 1, True), (20, 1_000, True), (1, 250_000, False)])
def test_a_letter_holds_such_names_up_to_its_limit(size: int, count: int, is_whole: bool) -> None:
    """What is told of them counts, and no letter becomes larger than its topic takes."""
    headers = ((name_in(b"\xb6" * size), b""),) * count
    record = Record("support.contact.v1", 3, 41, b"k", b"{", headers, 0, None, None, None)
    written = dead_letter(record, group="intake", reason="r", message="m", attempts=1, at=FAILED_AT)
    assert sum(len(name) + len(value or b"") for name, value in written.headers) < MAX_KEY_AND_HEADERS + 2_000
    letter = parse_letter(PLACE, written.key, written.value, written.headers, 0)
    assert isinstance(letter, DeadLetter)
    assert letter.is_whole == is_whole
    assert not is_whole or letter.headers == headers
