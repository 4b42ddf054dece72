"""The event types as JSON Schema (draft 2020-12): the form in which outsiders hold the contract."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import shared.contracts
from shared.contracts.registry import EVENT_TYPES, EventType

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FOLDER: Final = Path(shared.contracts.__file__).resolve().parent / "schemas"

Schema = dict[str, Any]


def schema_of(event_type: EventType) -> Schema:
    """The schema of one event type's JSON value, as readers accept it: unknown fields and values are ignored."""
    schema = event_type.model.model_json_schema(mode="validation")
    return {"$schema": DIALECT, "$id": f"urn:kefu:{event_type.name}", **schema}


def schemas(event_types: Iterable[EventType] = EVENT_TYPES) -> dict[str, Schema]:
    """Event type name -> schema, of the models as they are now."""
    return {event_type.name: schema_of(event_type) for event_type in event_types}


def committed(folder: Path = FOLDER) -> dict[str, Schema]:
    """Event type name -> schema, of the snapshots as they lie in the folder."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def written(document: Schema) -> str:
    """A document as its file holds it."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
