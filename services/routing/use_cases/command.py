"""An action with the record it came in, and what it is known again by."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import structlog

from services.routing.domain.decision import Refused
from services.routing.store.actions import ActionFingerprint, ActionOutcome
from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.actions import ActionRequested
from shared.contracts.ids import as_uuid, name_of
from shared.contracts.vocabulary import ActionKind
from shared.telemetry import metrics

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Command:
    """An action and the record it came in. ``fingerprint`` is what it is known again by.

    ``ticket_id`` is None when the action names no ticket id at all.
    """

    record: Record
    action: ActionRequested
    fingerprint: ActionFingerprint
    ticket_id: UUID | None

    @property
    def key(self) -> str:
        """The natural key: who sent it and their ``action_id``, as one name."""
        return self.fingerprint.key


def command_of(record: Record, action: ActionRequested) -> Command:
    """The action of a record. All who do not say who they are, by ``ce_source``, share one space of ids."""
    source = record.envelope.source if record.envelope else ""
    fingerprint = fingerprint_of(name_of(source, action.action_id), action)
    return Command(record, action, fingerprint, as_uuid(action.ticket_id))


def named_agents(commands: Iterable[Command]) -> set[str]:
    """The agents a judge may want to know about: who acts, and to whom a ticket is to go."""
    return {
        agent_id
        for command in commands
        for agent_id in (command.action.actor.id, command.action.to)
        if agent_id is not None
    }


def fingerprint_of(key: str, action: ActionRequested) -> ActionFingerprint:
    """What an action is known again by, under this key."""
    # When it was sent is no part of what it says.
    said = action.model_dump_json(exclude={"at"}, exclude_none=True).encode()
    digest = hashlib.sha256(said).digest()
    return ActionFingerprint(
        key, digest, action.action_id, action.ticket_id, action.kind, action.actor.kind, action.actor.id
    )


def refuse(work: UnitOfWork, command: Command, verdict: Refused) -> None:
    """To the dead letters, with the reason; whoever asked reads it there."""
    work.refuse(command.record, verdict.code, verdict.message)
    log.info("action.refused", action_id=command.action.action_id, kind=command.action.kind, code=verdict.code)
    count_outcome(command, ActionOutcome.REFUSED)


def count_outcome(command: Command, outcome: ActionOutcome) -> None:
    """One more with this outcome."""
    metrics.ACTIONS.labels(command.action.kind if command.action.kind in set(ActionKind) else "unknown", outcome).inc()
