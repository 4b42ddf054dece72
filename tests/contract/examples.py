"""One event of every type with every field filled, made from its schema."""

from typing import Any

from shared.contract_docs.snapshots import schema_of
from shared.contracts.envelope import Envelope
from shared.contracts.model import Fact
from shared.contracts.registry import EventType

TIME = "2026-10-15T14:00:00+08:00"


def full_event(event_type: EventType) -> Fact:
    """An event of this type with a value in every field, also in the optional ones."""
    schema = schema_of(event_type)
    return event_type.model.model_validate(_filled(schema, schema))


def envelope_of(event_type: EventType) -> Envelope:
    """Attributes such an event may travel with."""
    return Envelope(
        id="0199e0f2-7c00-7000-8000-000000000001",
        source=f"/kefu/{event_type.writer}",
        type=event_type.name,
        subject="客户-1",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


def _filled(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _filled(document["$defs"][schema["$ref"].rsplit("/", 1)[1]], document)
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], document)
    if known := schema.get("x-known-values"):
        return known[-1]
    match schema["type"]:
        case "object" if "properties" in schema:
            return {name: _filled(field, document) for name, field in schema["properties"].items()}
        case "object":
            return {"topup_not_arrived": _filled(schema["additionalProperties"], document)}
        case "array":
            return [_filled(schema["items"], document)]
        case "string":
            return TIME if schema.get("format") == "date-time" else "点卡 \U0001f3ae «充值»"
        case "boolean":
            return True
        case "integer":
            return 7
        case "number":
            return 0.25
        case other:
            raise AssertionError(f"the contract has a type this test does not know: {other}")
