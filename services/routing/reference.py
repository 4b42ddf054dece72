"""Reference data of a batch: the newest of each key, and what was deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.routing.store.members import change_members
from shared.bus.record import Batch
from shared.bus.work import Work
from shared.contracts import topics
from shared.contracts.reference import AgentChanged, MemberChanged
from shared.contracts.topics import Topic

C = TypeVar("C", MemberChanged, AgentChanged)


@dataclass(frozen=True, slots=True)
class Changes(Generic[C]):
    """``changed``: the newest change of each key after its last deletion; ``gone``: keys that were deleted."""

    changed: tuple[C, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)


def agent_changes(batch: Batch) -> Changes[AgentChanged]:
    """What the batch says of agents."""
    return _fold(batch, AgentChanged, topics.AGENT, lambda change: change.agent_id)


async def follow_members(batch: Batch, work: Work) -> None:
    """Keeps the members' advisors."""
    changes = _fold(batch, MemberChanged, topics.MEMBER, lambda change: change.member_id)
    await change_members(work.connection, changes.changed, changes.gone)


def _fold(batch: Batch, model: type[C], topic: Topic, key: Callable[[C], str]) -> Changes[C]:
    latest: dict[str, C] = {}
    gone: dict[str, None] = {}
    for record in batch.records:
        if record.is_tombstone and record.topic == topic.name:
            gone[record.key_text] = None
            latest.pop(record.key_text, None)
        elif isinstance(record.event, model):
            change = record.event
            known = latest.get(key(change))
            if known is None or known.version <= change.version:
                latest[key(change)] = change
    return Changes(tuple(latest.values()), tuple(sorted(gone)))
