"""Events of ours are known from forged ones by the tag of their writer."""

import base64
import secrets
from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.inbox import SEQUENCED
from shared.bus.record import DLQ_GROUP, DLQ_TOPIC, Record, read, types_not_subscribed_to
from shared.contracts import topics
from shared.contracts.envelope import REPLAY_FOR, Envelope
from shared.contracts.registry import EVENT_TYPES
from shared.contracts.services import GROUPS
from shared.contracts.tickets import TicketOpened
from shared.security.tags import REPLAY_TAG, TAG, EventKeyError, EventTags

KEY = base64.b64encode(secrets.token_bytes(32)).decode()
TAGS = EventTags.from_settings(KEY)
CLOSED = b'{"ticket_id":"t-1","ticket_no":"T","at":"2026-11-28T10:00:00Z"}'
ENVELOPE = Envelope("e-1", "/kefu/routing", "support.ticket.closed.v1", subject="t-1", sequence=7)

Headers = tuple[tuple[str, bytes | None], ...]


def headers(envelope: Envelope = ENVELOPE, *more: tuple[str, bytes | None]) -> Headers:
    """As the outbox writes them, before the tag."""
    sequence = () if envelope.sequence is None else (("ce_sequence", str(envelope.sequence).encode()),)
    return (*envelope.headers(), *sequence, *more)


def record(given: Headers, value: bytes = CLOSED, *, key: bytes = b"t-1", topic: str = "support.ticket.v1") -> Record:
    """As a service would read it."""
    return read(ConsumerRecord(topic, 3, 0, 0, 0, key, value, None, 0, 0, given), tags=TAGS)


def reason(one: Record) -> str | None:
    """Why it was not read."""
    return one.error.reason if one.error else None


REAL = headers(ENVELOPE, (TAG, TAGS.tag("support.ticket.v1", b"t-1", CLOSED, ENVELOPE)))


def test_an_event_of_its_writer_is_read() -> None:
    """What a service wrote is what its readers get, with its sequence."""
    read_one = record(REAL)
    assert (reason(read_one), read_one.envelope) == (None, ENVELOPE)
    assert read_one.event is not None


@pytest.mark.parametrize(
    "forged",
    [
        record(headers()),
        record(headers(replace(ENVELOPE, sequence=999_999_999_999_999_999))),
        record(headers(ENVELOPE, (TAG, b""))),
        record(headers(ENVELOPE, (TAG, None))),
        record(headers(ENVELOPE, (TAG, b"\xff"))),
        record(headers(ENVELOPE, (TAG, b"AAAA"), *REAL[-1:])),
        record(tuple(("ce_sequence", b"999999999999999999") if one[0] == "ce_sequence" else one for one in REAL)),
        record((*REAL, ("ce_sequence", b"8"))),
        record((*REAL, ("ce_id", b"e-2"))),
        record((*REAL, ("ce_subject", b"t-2"))),
        record(REAL, CLOSED.replace(b"t-1", b"t-2")),
        record(REAL, key=b"t-2"),
        record(REAL, topic="support.notice.v1"),
        record(headers(replace(ENVELOPE, source="/kefu/operator"))),
        record(headers(replace(ENVELOPE, source="/crm"))),
        record(headers(replace(ENVELOPE, type="support.ticket.paused.v9"))),
    ],
)
def test_whatever_differs_is_forged(forged: Record) -> None:
    """Another sequence, type, value, key, topic, source, tag: a dead letter, no event, no sequence to remember."""
    assert (reason(forged), forged.event, forged.envelope) == ("forged", None, None)


@given(st.integers(0, len(CLOSED) - 1), st.integers(1, 255))
def test_no_byte_of_the_value_can_be_changed(place: int, change: int) -> None:
    """A changed byte is never read: the tag does not fit, or there is no event left to read."""
    value = bytearray(CLOSED)
    value[place] ^= change
    assert record(REAL, bytes(value)).event is None


@pytest.mark.parametrize(
    "event_type", [one for one in EVENT_TYPES if one.topic in topics.OURS], ids=lambda one: one.name
)
def test_a_service_cannot_write_for_another(event_type: object) -> None:
    """The tag of one service does not make its word that of the one whose type it is."""
    assert isinstance(event_type, type(EVENT_TYPES[0]))
    for other in sorted(GROUPS.keys() - {event_type.writer}):
        as_other = Envelope("e-1", f"/kefu/{other}", event_type.name, subject="t-1", sequence=1)
        tag = TAGS.tag(event_type.topic.name, b"t-1", CLOSED, as_other)
        as_writer = replace(as_other, source=f"/kefu/{event_type.writer}")
        for said in (as_other, as_writer):
            assert record(headers(said, (TAG, tag)), topic=event_type.topic.name).event is None


@pytest.mark.parametrize(
    "more",
    [
        ((REPLAY_FOR, b"routing"),),
        ((REPLAY_FOR, b"routing"), (REPLAY_FOR, b"")),
        ((REPLAY_FOR, b""), (REPLAY_FOR, b"routing")),
        ((REPLAY_FOR, b"routing"), (REPLAY_TAG, b"AAAA")),
        ((REPLAY_FOR, b"routing"), (REPLAY_TAG, TAGS.replay_tag(REAL[-1][1] or b"", b"sla"))),
    ],
)
def test_an_event_is_not_sent_again_by_anybody(more: Headers) -> None:
    """A real event copied with the mark of a replay would be handled twice; only an operator's mark is one."""
    assert reason(record((*REAL, *more))) == "forged"
    tag = REAL[-1][1] or b""
    letter = ((DLQ_TOPIC, b"support.ticket.v1"), (DLQ_GROUP, b"routing"))
    replayed = record((*REAL, (REPLAY_TAG, TAGS.replay_tag(tag, b"routing")), *letter, (REPLAY_FOR, b"routing")))
    assert (reason(replayed), replayed.replay_for) == (None, "routing")


def test_a_type_may_be_untagged_for_a_while() -> None:
    """During a rollout what has no tag is read, without its sequence; a tag that does not fit is refused even then."""
    lenient = EventTags.from_settings(KEY, "support.ticket.closed.v1")
    for tags in (lenient, EventTags.from_settings(KEY, "*")):
        raw = ConsumerRecord("support.ticket.v1", 3, 0, 0, 0, b"t-1", CLOSED, None, 0, 0, headers())
        one = read(raw, tags=tags)
        assert one.event is not None
        assert one.envelope == replace(ENVELOPE, sequence=None)
        wrong = ConsumerRecord(
            "support.ticket.v1", 3, 0, 0, 0, b"t-1", CLOSED, None, 0, 0, headers(ENVELOPE, (TAG, b"x"))
        )
        assert reason(read(wrong, tags=tags)) == "forged"


def test_a_new_key_is_put_in_front() -> None:
    """What the old key tagged is read while it is there, and no longer."""
    newer = base64.b64encode(secrets.token_bytes(32)).decode()
    raw = ConsumerRecord("support.ticket.v1", 3, 0, 0, 0, b"t-1", CLOSED, None, 0, 0, REAL)
    assert reason(read(raw, tags=EventTags.from_settings(f"{newer}, {KEY}"))) is None
    assert reason(read(raw, tags=EventTags.from_settings(newer))) == "forged"


@pytest.mark.parametrize("keys", ["", "k", "change-me", base64.b64encode(b"k" * 32).decode(), "AAAA", "$,"])
def test_a_weak_key_is_refused_at_start(keys: str) -> None:
    """A key that could be guessed is none."""
    with pytest.raises(EventKeyError, match="KEFU_EVENT_KEY"):
        EventTags.from_settings(keys.replace("$", KEY))


def test_what_is_passed_over_is_never_remembered() -> None:
    """A forged event of a type that a service does not hear leaves no sequence behind, and costs it no tag."""
    raw = ConsumerRecord("support.ticket.v1", 3, 0, 0, 0, b"t-1", CLOSED, None, 0, 0, headers())
    passed = read(raw, types_not_subscribed_to([TicketOpened]), TAGS)
    assert (passed.topic in SEQUENCED, passed.envelope, passed.event, passed.error) == (True, None, None, None)
