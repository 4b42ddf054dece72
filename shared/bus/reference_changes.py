"""What a batch says of the platform's reference data: the newest of each key, and what was deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.bus.record import Batch
from shared.contracts.reference import AgentChanged, MemberChanged, OrderChanged
from shared.contracts.topics import Topic

C = TypeVar("C", MemberChanged, OrderChanged, AgentChanged)


@dataclass(frozen=True, slots=True)
class ReferenceChanges(Generic[C]):
    """``gone``: the keys deleted at some point of the batch. ``changed``: the newest version of each key since.

    Both are ordered by key, so that rows are locked in one order everywhere. Apply ``gone`` first.
    """

    changed: tuple[C, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)


def reference_changes(batch: Batch, topic: Topic, model: type[C], key_of: Callable[[C], str]) -> ReferenceChanges[C]:
    """Folds the records of one compacted topic. An equal version counts as newer: the later word stands."""
    newest: dict[str, C] = {}
    gone: set[str] = set()
    for record in batch.records:
        if record.is_tombstone and record.topic == topic.name:
            gone.add(record.key_text)
            newest.pop(record.key_text, None)
        elif isinstance(record.event, model):
            change = record.event
            known = newest.get(key_of(change))
            if known is None or known.version <= change.version:
                newest[key_of(change)] = change
    return ReferenceChanges(tuple(newest[key] for key in sorted(newest)), tuple(sorted(gone)))
