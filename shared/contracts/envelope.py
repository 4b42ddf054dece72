"""CloudEvents 1.0 on Kafka: attributes <-> headers. Out: binary mode. In: binary, structured, plain with ``ce_type``.

Source: CloudEvents "Kafka Protocol Binding", version 1.0.2. ``ce_sequence`` is the documented ``sequence`` extension.
"""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from shared.contracts import registry, topics
from shared.contracts.model import Fact
from shared.contracts.services import GROUPS
from shared.contracts.unmeant import NUL, REPLACEMENT, read_leniently, with_unmeant_as

Headers = Sequence[tuple[str, bytes | None]]

JSON_TYPE: Final = "application/json"
STRUCTURED_TYPE: Final = "application/cloudevents+json"
TRACEPARENT: Final = "traceparent"
CONTENT_TYPE: Final = "content-type"
REPLAY_FOR: Final = "kefu_replay_for"
"""On a replayed dead letter: the consumer group it is meant for."""

SOURCES: Final = {f"/kefu/{service}": service for service in GROUPS}
"""``ce_source`` of what our services write -> the service."""

_TRACE: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_NAMING: Final = ("ce_id", "ce_source", "ce_type", "ce_subject")
_SHOWN_PROBLEMS = 5
_DATA: Final = ("data", "data_base64")

MOST_ATTRIBUTE_BYTES: Final = 400
"""Of an attribute that names something. Such names are kept in indexes, where a longer one finds no room."""


class UndecodableError(ValueError):
    """The record is not an event of this topic. The message says why, for a person; ``reason`` is a short code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of an event. ``sequence`` grows with every event its source writes about its subject."""

    id: str
    source: str
    type: str
    time: datetime | None = None
    subject: str | None = None
    sequence: int | None = None
    traceparent: str | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers of this envelope, binary mode. The sequence is added by the outbox."""
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", self.id.encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
        ]
        if self.time is not None:
            headers.append(("ce_time", self.time.isoformat().encode()))
        if self.subject is not None:
            headers.append(("ce_subject", self.subject.encode()))
        headers.append((CONTENT_TYPE, JSON_TYPE.encode()))
        if self.traceparent is not None:
            headers.append((TRACEPARENT, self.traceparent.encode()))
        return headers


@dataclass(frozen=True, slots=True)
class Decoded:
    """An event with its envelope; ``event`` is None when its type is one this version does not know."""

    envelope: Envelope
    event: Fact | None


def readable_headers(headers: Headers) -> dict[str, str]:
    """The headers as text. Null and non-UTF-8 values are survived: the first is left out, the second replaced."""
    return {name: value.decode("utf-8", "replace") for name, value in headers if value is not None}


def type_in_headers(headers: Headers) -> bytes | None:
    """The type of an event in binary mode; None where only reading the value would tell."""
    attributes = dict(headers)
    is_structured = (attributes.get(CONTENT_TYPE) or b"").lower().startswith(STRUCTURED_TYPE.encode())
    return None if is_structured else attributes.get("ce_type")


def decode(topic: str, headers: Headers, value: bytes | None, *, fallback_id: str) -> Decoded:
    """Reads a record of ``topic``. ``fallback_id`` names an event whose writer gave it no id.

    Raises UndecodableError with a reason a person understands.
    """
    if value is None:
        raise UndecodableError("no_value", "the record has no value; only compacted topics may carry a null")
    if len(value) > topics.MAX_VALUE_BYTES:
        raise UndecodableError(
            "too_large", f"the value has {len(value):,} bytes; at most {topics.MAX_VALUE_BYTES:,} are read"
        )
    attributes = readable_headers(headers)
    if attributes.get(CONTENT_TYPE, "").lower().startswith(STRUCTURED_TYPE):
        attributes, value = _unwrap(value, attributes)
    _check_names(attributes)
    event_type = attributes.get("ce_type")
    default = registry.DEFAULTS.get(topic)
    if event_type is None:
        if default is None:
            raise UndecodableError(
                "no_type", "there is no ce_type header, and the value is not a structured CloudEvent"
            )
        event_type = default.name
    envelope = _envelope(attributes, event_type, fallback_id)
    known = registry.BY_NAME.get(event_type)
    if known is None or known.topic.name != topic:
        return _unknown(topic, envelope)
    return Decoded(envelope, _validate(known.model, value))


def envelope_of(headers: Headers) -> Envelope:
    """The envelope of an event of ours, binary mode."""
    attributes = readable_headers(headers)
    return _envelope(attributes, attributes["ce_type"], attributes["ce_id"])


def trace_context(text: str | None) -> str | None:
    """A W3C ``traceparent``, or None: what is none would be passed on with every event that follows, however large."""
    return text if text is not None and _TRACE.fullmatch(text) else None


def encode(event: Fact) -> bytes:
    """The event as JSON, UTF-8."""
    return event.__pydantic_serializer__.to_json(event)


def _envelope(attributes: dict[str, str], event_type: str, fallback_id: str) -> Envelope:
    return Envelope(
        id=attributes.get("ce_id") or fallback_id,
        source=attributes.get("ce_source", ""),
        type=event_type,
        subject=attributes.get("ce_subject"),
        sequence=_integer(attributes.get("ce_sequence")),
        traceparent=trace_context(attributes.get(TRACEPARENT)),
    )


def _unknown(topic: str, envelope: Envelope) -> Decoded:
    if topic in (topics.CONTACT.name, topics.ACTION.name):
        raise UndecodableError("unknown_type", f"the type {envelope.type[:200]!r} is not one of this topic")
    return Decoded(envelope, None)


def _check_names(attributes: dict[str, str]) -> None:
    for name in _NAMING:
        text = attributes.get(name)
        if text is None:
            continue
        try:
            fits = len(text.encode()) <= MOST_ATTRIBUTE_BYTES
        except UnicodeEncodeError:
            raise UndecodableError("bad_attribute", f"{name} contains a lone surrogate, which no name does") from None
        if NUL in text:
            raise UndecodableError("bad_attribute", f"{name} contains the character NUL (U+0000), which no name does")
        if not fits:
            raise UndecodableError("bad_attribute", f"{name} has more than {MOST_ATTRIBUTE_BYTES} bytes")


def _validate(model: type[Fact], value: bytes) -> Fact:
    validate = model.__pydantic_validator__.validate_json
    try:
        event = validate(value)
        if b"\\u0000" not in value:
            return event  # type: ignore[no-any-return]
        document = read_leniently(value)
    except ValidationError as error:
        if not _is_not_json(error):
            raise _explain(error) from None
        try:
            document = read_leniently(value)
        except (ValueError, RecursionError):
            raise _explain(error) from None
    try:
        validate(with_unmeant_as(NUL, document))
        return validate(with_unmeant_as(REPLACEMENT, document))  # type: ignore[no-any-return]
    except ValidationError as error:
        raise _explain(error) from None
    except RecursionError:
        raise UndecodableError("not_json", "the value is nested too deeply") from None


def _is_not_json(error: ValidationError) -> bool:
    return error.errors(include_url=False, include_context=False, include_input=False)[0]["type"] == "json_invalid"


def _explain(error: ValidationError) -> UndecodableError:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return UndecodableError(
            "not_json", f"the value is not JSON: {problems[0]['msg'].removeprefix('Invalid JSON: ')}"
        )
    told = [f"{'.'.join(map(str, problem['loc'])) or 'value'}: {problem['msg']}" for problem in problems]
    more = f" (and {len(told) - _SHOWN_PROBLEMS} more)" if len(told) > _SHOWN_PROBLEMS else ""
    return UndecodableError("not_valid", "; ".join(told[:_SHOWN_PROBLEMS]) + more)


def _unwrap(value: bytes, headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    try:
        document = read_leniently(value)
    except (ValueError, RecursionError) as error:
        raise UndecodableError("not_json", f"the structured CloudEvent is not JSON: {error}") from None
    if not isinstance(document, dict) or document.get("specversion") != "1.0":
        raise UndecodableError("not_cloudevent", "the structured CloudEvent has no specversion 1.0")
    missing = [name for name in ("id", "source", "type") if not isinstance(document.get(name), str)]
    if missing:
        raise UndecodableError("not_cloudevent", f"the structured CloudEvent lacks {', '.join(missing)}")
    data = _data_of(document)
    if not isinstance(data, dict):
        raise UndecodableError("not_cloudevent", "the structured CloudEvent has no JSON object as data")
    attributes = {f"ce_{name}": str(item) for name, item in document.items() if name not in _DATA and item is not None}
    if TRACEPARENT in headers:
        attributes[TRACEPARENT] = headers[TRACEPARENT]
    try:
        return attributes, json.dumps(data).encode()
    except RecursionError as error:
        raise UndecodableError("not_json", f"the data of the structured CloudEvent is unusable: {error}") from None


def _data_of(document: dict[str, Any]) -> Any:
    """A writer who has bytes at hand, and not what they say, puts them in base64 (CloudEvents JSON format, 3.1.1)."""
    if (encoded := document.get("data_base64")) is None:
        return document.get("data")
    try:
        return read_leniently(base64.b64decode(encoded, validate=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise UndecodableError("not_json", f"data_base64 of the structured CloudEvent is not JSON: {error}") from None


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 19 else None
