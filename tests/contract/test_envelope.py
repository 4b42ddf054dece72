"""The official `cloudevents` package judges our envelope, in both directions."""

import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.contracts import topics
from shared.contracts.envelope import UndecodableError, decode, encode
from shared.contracts.registry import BY_NAME, EVENT_TYPES, EventType
from tests.contract.examples import envelope_of, full_event

every_type = pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda one: one.name)
CONTACT = BY_NAME["support.contact.received.v1"]
NOW = datetime(2026, 10, 15, 6, 0, 0, 250_000, tzinfo=UTC)


@every_type
def test_every_event_comes_back_as_it_went(event_type: EventType) -> None:
    """Encoding and decoding loses nothing, of any type."""
    event, envelope = full_event(event_type), envelope_of(event_type)

    decoded = decode(event_type.topic.name, envelope.headers(), encode(event), fallback_id="?")

    assert decoded.event == event
    assert decoded.envelope == envelope


@every_type
def test_the_judge_reads_what_we_write(event_type: EventType) -> None:
    """An event of ours is a valid CloudEvent 1.0 in binary mode, with our attributes and our data."""
    event = full_event(event_type)
    headers = [*envelope_of(event_type).headers(), ("ce_sequence", b"42")]

    read = from_kafka(KafkaMessage(dict(headers), b"key", encode(event)), JSONFormat())

    assert read.get_specversion() == "1.0"
    assert read.get_type() == event_type.name
    assert read.get_id() == envelope_of(event_type).id
    assert read.get_source() == f"/kefu/{event_type.writer}"
    assert read.get_subject() == "客户-1"
    assert read.get_extension("sequence") == "42"
    assert read.get_datacontenttype() == "application/json"
    assert event_type.model.model_validate(read.get_data()) == event


def test_the_judge_reads_our_time() -> None:
    """`ce_time` is the same moment for the judge as for us."""
    envelope = type(envelope_of(CONTACT))(id="1", source="/kefu/intake", type=CONTACT.name, time=NOW)

    read = from_kafka(KafkaMessage(dict(envelope.headers()), None, encode(full_event(CONTACT))), JSONFormat())

    assert read.get_time() == NOW


@pytest.mark.parametrize("as_bytes", [False, True], ids=["a document", "bytes"])
@pytest.mark.parametrize("mode", [to_binary, to_structured], ids=["binary", "structured"])
@every_type
def test_we_read_what_the_judge_writes(event_type: EventType, mode: object, as_bytes: bool) -> None:
    """Events written with the official package, binary or structured, from whatever it was given, are events to us."""
    event = full_event(event_type)
    attributes = {
        "id": "an id",
        "source": "https://crm.example/工单",
        "type": event_type.name,
        "specversion": "1.0",
        "subject": "客户-1",
        "time": NOW,
        "datacontenttype": "application/json",
        "sequence": "42",
    }
    data = encode(event) if as_bytes else json.loads(encode(event))
    message = mode(CloudEvent(attributes, data), JSONFormat())  # type: ignore[operator]

    decoded = decode(event_type.topic.name, list(message.headers.items()), message.value, fallback_id="?")

    assert decoded.event == event
    assert decoded.envelope.id == "an id"
    assert decoded.envelope.source == "https://crm.example/工单"
    assert decoded.envelope.subject == "客户-1"
    assert decoded.envelope.sequence == 42


@pytest.mark.parametrize("encoded", ["", "?", "e30", "bnVsbA==", "W10=", "/w==", 7, ["e30="], "e30=\n\n="])
def test_what_is_not_in_base64_is_refused(encoded: object) -> None:
    """Data in base64 that is none, or holds no JSON object, costs its record, with a reason."""
    attributes = {"specversion": "1.0", "id": "1", "source": "/a", "type": CONTACT.name, "data_base64": encoded}
    headers = [("content-type", b"application/cloudevents+json")]

    with pytest.raises(UndecodableError):
        decode(topics.CONTACT.name, headers, json.dumps(attributes).encode(), fallback_id="?")


def test_null_and_undecodable_headers_survive() -> None:
    """A null header, bytes that are no UTF-8, and a repeated name stop nothing."""
    headers = [
        ("ce_type", CONTACT.name.encode()),
        ("ce_id", b"id-\xff"),
        ("ce_subject", None),
        ("traceparent", None),
        ("x-foreign", b"\xff\xfe\x00"),
        ("x-foreign", None),
    ]

    decoded = decode(topics.CONTACT.name, headers, encode(full_event(CONTACT)), fallback_id="?")

    assert decoded.event == full_event(CONTACT)
    assert decoded.envelope.id == "id-�"
    assert decoded.envelope.subject is None


def test_reference_data_needs_no_type() -> None:
    """On a reference topic the topic says what a record is; elsewhere a missing type is refused with a reason."""
    member = BY_NAME["support.member.changed.v1"]
    value = encode(full_event(member))

    assert decode(topics.MEMBER.name, [], value, fallback_id="m/0/1").envelope.id == "m/0/1"
    with pytest.raises(UndecodableError, match="ce_type"):
        decode(topics.CONTACT.name, [], value, fallback_id="?")


@every_type
def test_unknown_fields_and_values_stop_nothing(event_type: EventType) -> None:
    """A newer writer's field, and its new value of an open enumeration, are read past."""
    document = json.loads(encode(full_event(event_type)))
    schema = event_type.model.model_json_schema()
    open_fields = [name for name, field in schema["properties"].items() if "x-known-values" in field]
    newer = document | dict.fromkeys(open_fields, "invented_in_2031") | {"invented": {"deep": [1, None]}}

    decoded = decode(
        event_type.topic.name, envelope_of(event_type).headers(), json.dumps(newer).encode(), fallback_id="?"
    )

    assert decoded.event is not None
    assert all(getattr(decoded.event, name) == "invented_in_2031" for name in open_fields)


@pytest.mark.parametrize("given", [b"x" * 3_000_000, b"00-zz-zz-00", b"\xff\x00", b""])
def test_a_trace_header_that_is_none_is_not_passed_on(given: bytes) -> None:
    """It travels with every event that follows: whatever an outsider puts there would make those too large."""
    value = b'{"action_id":"a","ticket_id":"t","kind":"accept","actor":{"kind":"agent","id":"a"}}'
    headers = [("ce_type", b"support.action.requested.v1"), ("traceparent", given)]
    assert decode("support.action.v1", headers, value, fallback_id="x").envelope.traceparent is None
