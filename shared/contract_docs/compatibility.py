"""What may change within a `.v1`: optional fields and known values may be added, everything else is a new `.v2`.

That is FULL_TRANSITIVE in the words of schema registries: any version's writer with any version's reader. So a limit
may neither be narrowed (old events would be refused) nor widened (old readers would refuse new events).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

KNOWN_VALUES: Final = "x-known-values"

_WORDS: Final = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "deprecated"})
_BRANCHES: Final = ("items", "additionalProperties", "propertyNames", "not")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_LOOKED_INTO: Final = frozenset({"$ref", "properties", "required", KNOWN_VALUES, *_BRANCHES, *_LISTS})
_ABSENT: Final = object()


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Every change from ``old`` to ``new`` that is not allowed, as `way.to.field: what changed`; empty when none is.

    Both are whole JSON Schemas as pydantic writes them; their ``$ref`` point into their own ``$defs``.
    """
    return list(_compare(_Node(old, old, ()), _Node(new, new, ())))


def refused_changes(before: Mapping[str, Schema], after: Mapping[str, Schema]) -> list[str]:
    """The same for all event types: name -> schema. A new type is allowed, a removed one is not."""
    told = []
    for name, old in sorted(before.items()):
        if name not in after:
            told.append(f"{name}: the event type was removed")
        else:
            told += [f"{name}: {problem}" for problem in incompatibilities(old, after[name])]
    return told


class _Node:
    """A schema inside its document; references are followed, each at most once on the way down."""

    def __init__(self, document: Schema, schema: Any, where: tuple[str, ...], followed: frozenset[str] = frozenset()):
        while isinstance(schema, Mapping) and "$ref" in schema and schema["$ref"] not in followed:
            reference = schema["$ref"]
            followed |= {reference}
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            schema = {**document["$defs"][reference.removeprefix("#/$defs/")], **beside}
        self.document, self.schema, self.where, self.followed = document, schema, where, followed

    def under(self, schema: Any, *step: str) -> "_Node":
        return _Node(self.document, schema, (*self.where, *step), self.followed)

    def says(self, what: str) -> str:
        return f"{'.'.join(self.where) or 'the event'}: {what}"


def _compare(old: _Node, new: _Node) -> Iterator[str]:
    if not isinstance(old.schema, Mapping) or not isinstance(new.schema, Mapping):
        if old.schema != new.schema:
            yield new.says(f"{old.schema} became {new.schema}")
        return
    yield from _compare_plain(old, new)
    yield from _compare_fields(old, new)
    if gone := sorted(set(old.schema.get(KNOWN_VALUES, ())) - set(new.schema.get(KNOWN_VALUES, ()))):
        yield new.says(f"known values were removed: {', '.join(gone)}")
    for branch in _BRANCHES:
        before, after = old.schema.get(branch, True), new.schema.get(branch, True)
        yield from _compare(old.under(before, f"[{branch}]"), new.under(after, f"[{branch}]"))
    for name in _LISTS:
        befores, afters = old.schema.get(name, ()), new.schema.get(name, ())
        if len(befores) != len(afters):
            yield new.says(f"{name} had {len(befores)} alternatives and now has {len(afters)}")
            continue
        for before, after in zip(befores, afters, strict=True):
            yield from _compare(old.under(before), new.under(after))


def _compare_plain(old: _Node, new: _Node) -> Iterator[str]:
    """Types, formats, limits, defaults: whatever says a value is or is not allowed, or what its absence means."""
    for keyword in sorted((old.schema.keys() | new.schema.keys()) - _WORDS - _LOOKED_INTO):
        before, after = old.schema.get(keyword, _ABSENT), new.schema.get(keyword, _ABSENT)
        if before is _ABSENT:
            yield new.says(f"{keyword} {after!r} was added")
        elif after is _ABSENT:
            yield new.says(f"{keyword} {before!r} was removed")
        elif json.dumps(before) != json.dumps(after):
            yield new.says(f"{keyword} was {before!r} and is now {after!r}")


def _compare_fields(old: _Node, new: _Node) -> Iterator[str]:
    befores, afters = old.schema.get("properties", {}), new.schema.get("properties", {})
    needed, needs = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name in befores:
        if name not in afters:
            yield new.under({}, name).says("the field was removed")
            continue
        if name in needs - needed:
            yield new.under({}, name).says("the field was optional and is now required")
        if name in needed - needs:
            yield new.under({}, name).says("the field was required and is now optional")
        yield from _compare(old.under(befores[name], name), new.under(afters[name], name))
    for name in sorted(needs - befores.keys()):
        yield new.under({}, name).says("a new field must be optional")
