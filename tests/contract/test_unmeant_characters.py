"""NUL and lone surrogates, in every field of everything outsiders may write."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.record import read
from shared.contracts import topics
from shared.contracts.envelope import Decoded, UndecodableError, decode, encode
from shared.contracts.registry import EVENT_TYPES, EventType
from tests.contract.examples import envelope_of, full_event

INBOUND = [one for one in EVENT_TYPES if one.topic in (topics.CONTACT, topics.ACTION) or one.topic.compacted]
CONTACT = next(one for one in INBOUND if one.topic is topics.CONTACT)
UNMEANT = ["\0", "\ud800", "\udfff"]
Path = tuple[Any, ...]


def strings(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where in a document its strings stand."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from strings(item, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from strings(item, (*path, place))


def texts(value: Any) -> Iterator[str]:
    """All strings of a document, the names of its fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def with_text(document: Any, path: Path, text: str) -> Any:
    """The document with another string at one place."""
    changed = copy.deepcopy(document)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
    return changed


def told(event_type: EventType, value: bytes) -> Decoded:
    """The event in a value."""
    return decode(event_type.topic.name, envelope_of(event_type).headers(), value, fallback_id="?")


CASES = [(one, path) for one in INBOUND for path in strings(json.loads(encode(full_event(one))))]


@pytest.mark.parametrize("raw", [False, True], ids=["escaped", "raw"])
@pytest.mark.parametrize(("event_type", "path"), CASES, ids=lambda one: getattr(one, "name", None) or str(one))
def test_no_unmeant_character_comes_in(event_type: EventType, path: Path, raw: bool) -> None:
    """Whatever field holds one, escaped or raw: the record is refused with a reason, or the character replaced."""
    document = json.loads(encode(full_event(event_type)))
    for character in UNMEANT:
        text = json.dumps(with_text(document, path, f"a{character}b"), ensure_ascii=not raw)
        value = text.replace("\\u0000", "\0" if raw else "\\u0000").encode("utf-8", "surrogatepass")
        try:
            decoded = told(event_type, value)
        except UndecodableError:
            continue
        assert decoded.event is not None
        held = list(texts(decoded.event.model_dump(mode="json")))
        assert not [one for one in held if any(character in one for character in UNMEANT)]


@pytest.mark.parametrize("character", UNMEANT)
def test_ids_are_refused_and_words_are_not(character: str) -> None:
    """In a contact's ids such a character is refused, by the field's name; in its text it becomes U+FFFD."""
    document = json.loads(encode(full_event(CONTACT)))
    for field in ("contact_id", "member_id", "order_no", "in_reply_to"):
        with pytest.raises(UndecodableError, match=field):
            told(CONTACT, json.dumps({**document, field: f"a{character}"}).encode())
    decoded = told(CONTACT, json.dumps({**document, "text": f"打不开{character}\\u0000"}).encode())
    assert decoded.event is not None
    assert decoded.event.model_dump()["text"] == "打不开\ufffd\\u0000"


def test_a_pair_of_surrogates_written_apart_is_its_character() -> None:
    """Old Java clients write an emoji as two surrogates of three bytes each: the member's emoji arrives."""
    document = json.loads(encode(full_event(CONTACT)))
    text = json.dumps({**document, "text": "@"}, ensure_ascii=False).replace("@", "\ud83d\ude00")
    event = told(CONTACT, text.encode("utf-8", "surrogatepass")).event
    assert event is not None
    assert event.model_dump()["text"] == "\U0001f600"


@pytest.mark.parametrize("name", ["id", "source", "type", "subject"])
@pytest.mark.parametrize("text", ["a\0", "\ud800", "x" * 401])
def test_names_in_the_envelope(name: str, text: str) -> None:
    """An attribute that names something holds none either, nor more than an index takes, in either mode."""
    document = {"specversion": "1.0", "id": "1", "source": "/x", "type": CONTACT.name, "subject": "s"}
    document |= {"data": json.loads(encode(full_event(CONTACT))), name: text}
    with pytest.raises(UndecodableError, match=f"ce_{name}"):
        decode(
            topics.CONTACT.name,
            [("content-type", b"application/cloudevents+json")],
            json.dumps(document).encode(),
            fallback_id="?",
        )
    if "\ud800" not in text:
        headers = [(one, value) for one, value in envelope_of(CONTACT).headers() if one != f"ce_{name}"]
        headers.append((f"ce_{name}", text.encode()))
        with pytest.raises(UndecodableError, match=f"ce_{name}"):
            decode(topics.CONTACT.name, headers, encode(full_event(CONTACT)), fallback_id="?")


@pytest.mark.parametrize("key", [b"M\0", b"", None, b"\xff", b"\xed\xa0\x80", b"k" * 201])
def test_a_tombstone_whose_key_names_nothing(key: bytes | None) -> None:
    """It is a dead letter, and deletes nobody whose name its replaced characters would spell."""
    error = read(ConsumerRecord(topics.MEMBER.name, 0, 1, 0, 0, key, None, None, 0, 0, [])).error
    assert error is not None
    assert error.reason == "bad_key"


@given(st.binary(max_size=40), st.sampled_from(INBOUND))
def test_reading_never_raises(noise: bytes, event_type: EventType) -> None:
    """Any bytes where a string stands give an event or a reason."""
    document = json.dumps({**json.loads(encode(full_event(event_type))), "version": 1}, ensure_ascii=False).encode()
    raw = document.replace("点卡".encode(), noise, 1)
    headers = [("ce_type", event_type.name.encode()), ("ce_id", noise)]
    record = read(ConsumerRecord(event_type.topic.name, 0, 1, 0, 0, noise, raw, None, 0, 0, headers))
    assert (record.event is None) == (record.error is not None)
