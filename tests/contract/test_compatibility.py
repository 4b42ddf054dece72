"""The checker that keeps `.v1` what it was."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from shared.contract_docs.compatibility import incompatibilities, refused_changes

Schema = dict[str, Any]

TICKET: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "Step": {
            "type": "object",
            "properties": {
                "what": {"type": "string", "maxLength": 50},
                "at": {"type": "string", "format": "date-time"},
            },
            "required": ["what"],
        }
    },
    "type": "object",
    "title": "Ticket",
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 200},
        "tier": {"type": "string", "default": "standard", "x-known-values": ["standard", "gold"]},
        "capacity": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 1},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/Step"}, "default": []},
        "skills": {"type": "object", "additionalProperties": {"type": "integer"}},
        "nested": {"$ref": "#/$defs/Step"},
    },
    "required": ["id"],
}


def changed(change: Callable[[Schema], object]) -> list[str]:
    newer = copy.deepcopy(TICKET)
    change(newer)
    return incompatibilities(TICKET, newer)


def field(schema: Schema, name: str) -> Schema:
    found: Schema = schema["properties"][name]
    return found


def step(schema: Schema) -> Schema:
    found: Schema = schema["$defs"]["Step"]
    return found


ALLOWED: dict[str, Callable[[Schema], object]] = {
    "nothing": lambda new: None,
    "an optional field": lambda new: new["properties"].update(extra={"type": "string", "maxLength": 3}),
    "an optional object": lambda new: new["properties"].update(extra={"$ref": "#/$defs/Step"}),
    "an optional field deep down": lambda new: step(new)["properties"].update(by={"type": "string"}),
    "a known value": lambda new: field(new, "tier")["x-known-values"].append("diamond"),
    "first known values": lambda new: field(new, "id").update({"x-known-values": ["a"]}),
    "other words": lambda new: new.update(title="Ticket of a member", description="Words.", examples=[{}]),
    "a renamed definition": lambda new: (
        new["$defs"].update(Step2=new["$defs"].pop("Step")),
        field(new, "steps")["items"].update({"$ref": "#/$defs/Step2"}),
        field(new, "nested").update({"$ref": "#/$defs/Step2"}),
    ),
    "the order of fields": lambda new: new.update(properties=dict(reversed(new["properties"].items()))),
}

REFUSED: dict[str, tuple[Callable[[Schema], object], str]] = {
    "a removed field": (lambda new: new["properties"].pop("note"), "note: the field was removed"),
    "a removed field deep down": (lambda new: step(new)["properties"].pop("at"), "steps.[items].at"),
    "a new required field": (
        lambda new: (new["properties"].update(x={"type": "string"}), new["required"].append("x")),
        "x: a new field must be optional",
    ),
    "a new required field deep down": (
        lambda new: (step(new)["properties"].update(x={"type": "string"}), step(new)["required"].append("x")),
        "nested.x: a new field must be optional",
    ),
    "optional made required": (lambda new: new["required"].append("tier"), "tier: the field was optional"),
    "required made optional": (lambda new: new["required"].remove("id"), "id: the field was required"),
    "a changed type": (lambda new: field(new, "capacity").update(type="string"), "capacity: type was 'integer'"),
    "integer made number": (lambda new: field(new, "capacity").update(type="number"), "capacity: type"),
    "a changed type deep down": (lambda new: step(new)["properties"]["what"].update(type="integer"), "what: type"),
    "a changed type of values": (
        lambda new: field(new, "skills")["additionalProperties"].update(type="string"),
        "skills.[additionalProperties]: type",
    ),
    "null no longer allowed": (lambda new: field(new, "note")["anyOf"].pop(), "note: anyOf had 2 alternatives"),
    "null newly allowed": (
        lambda new: field(new, "note")["anyOf"].append({"type": "integer"}),
        "note: anyOf had 2 alternatives",
    ),
    "a narrowed length": (lambda new: field(new, "id").update(maxLength=100), "id: maxLength was 200 and is now 100"),
    "a widened length": (lambda new: field(new, "id").update(maxLength=300), "id: maxLength was 200"),
    "a new limit": (lambda new: field(new, "tier").update(minLength=3), "tier: minLength 3 was added"),
    "a narrowed range": (lambda new: field(new, "capacity").update(minimum=1), "capacity: minimum was 0"),
    "a lifted limit": (lambda new: field(new, "capacity").pop("maximum"), "capacity: maximum 1000 was removed"),
    "a new pattern": (lambda new: field(new, "id").update(pattern="^T"), "id: pattern"),
    "a new format": (lambda new: field(new, "id").update(format="uuid"), "id: format"),
    "a closed enumeration": (lambda new: field(new, "tier").update(enum=["standard", "gold"]), "tier: enum"),
    "a removed known value": (lambda new: field(new, "tier")["x-known-values"].remove("gold"), "tier: known values"),
    "another default": (lambda new: field(new, "tier").update(default="gold"), "tier: default was 'standard'"),
    "a default of another type": (lambda new: field(new, "capacity").update(default=True), "capacity: default was 1"),
    "no further fields allowed": (lambda new: new.update(additionalProperties=False), "additionalProperties"),
    "other items": (lambda new: field(new, "steps").update(items={"type": "string"}), "steps.[items]"),
    "another definition": (
        lambda new: (new["$defs"].update(B={"type": "string"}), field(new, "nested").update({"$ref": "#/$defs/B"})),
        "nested: type was 'object' and is now 'string'",
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_an_allowed_change_passes(name: str) -> None:
    """Optional fields, known values and words may be added at any time."""
    assert changed(ALLOWED[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_change_is_refused(name: str) -> None:
    """Whatever could break a reader or a writer of the same version is refused, and where it is is said."""
    change, told = REFUSED[name]

    problems = changed(change)

    assert any(told in problem for problem in problems), problems


def test_an_event_type_may_be_added_but_not_removed() -> None:
    """A new event type is news to nobody who does not want it; a removed one is missed."""
    assert refused_changes({"a.v1": TICKET}, {"a.v1": TICKET, "b.v1": TICKET}) == []
    assert refused_changes({"a.v1": TICKET, "b.v1": TICKET}, {"a.v1": TICKET}) == ["b.v1: the event type was removed"]


def test_a_schema_that_contains_itself_ends() -> None:
    """A recursive definition is compared once, not for ever."""
    tree: Schema = {
        "$defs": {"Node": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Node"}}}},
        "$ref": "#/$defs/Node",
    }
    assert incompatibilities(tree, copy.deepcopy(tree)) == []
