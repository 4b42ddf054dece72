"""Actions on their way to the judge: seen once, kept when they come before their ticket, refused with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from services.routing.docket import Docket
from services.routing.domain.action import Action
from services.routing.domain.decision import Refused
from services.routing.domain.transitions import judge
from services.routing.sealed_record import seal, unseal
from services.routing.store.actions import ActionOutcome, Pending, claim_actions, keep_pending, record_outcomes
from shared.bus.record import Record
from shared.bus.ticket_events import BAD_TICKET_ID, no_ticket_id
from shared.bus.work import Work
from shared.contracts.actions import ActionRequested
from shared.contracts.ids import as_uuid
from shared.contracts.vocabulary import ActionKind
from shared.security.sealing import DataKeyError, Sealer
from shared.telemetry import metrics

log = structlog.get_logger()

UNKNOWN_TICKET: Final = "unknown_ticket"


@dataclass(frozen=True, slots=True)
class Command:
    """An action and the record it came in. ``ticket_id`` is None when it names no ticket id at all."""

    record: Record
    action: ActionRequested
    ticket_id: UUID | None


def command(record: Record, action: ActionRequested) -> Command:
    """The action of a record."""
    return Command(record, action, as_uuid(action.ticket_id))


def open_pending(pending: Iterable[Pending], sealer: Sealer) -> list[Command]:
    """Actions that were kept, as they came."""
    commands = []
    for one in pending:
        try:
            record = unseal(one.sealed, sealer, context=_context(one.action_id))
        except DataKeyError as error:
            # One lost action must not keep its ticket from being opened.
            log.error("action.unreadable", action_id=one.action_id, error=str(error))
            continue
        assert isinstance(record.event, ActionRequested)
        commands.append(Command(record, record.event, one.ticket_id))
    return commands


async def not_seen_before(work: Work, commands: Sequence[Command]) -> list[Command]:
    """The first of each action; a refused one may be tried again by a replay from the dead letters."""
    if not commands:
        return []
    again = [one.action.action_id for one in commands if one.record.replay_for]
    unclaimed = await claim_actions(work.connection, [one.action for one in commands], again)
    first = []
    for one in commands:
        if one.action.action_id in unclaimed:
            unclaimed.remove(one.action.action_id)
            first.append(one)
    metrics.ACTIONS.labels("any", "repeated").inc(len(commands) - len(first))
    return first


async def carry_out(docket: Docket, commands: Sequence[Command], sealer: Sealer, *, may_wait: bool = True) -> None:
    """Judges commands in order. Those without a ticket are kept, or refused when they have waited long enough."""
    work = docket.work
    outcomes: dict[str, tuple[ActionOutcome, str | None]] = {}
    kept = []
    for one in commands:
        verdict = _verdict(docket, one)
        if verdict is not None and verdict.code == UNKNOWN_TICKET and may_wait and one.ticket_id is not None:
            until = work.now + timedelta(seconds=docket.rules.patience.unknown_ticket_seconds)
            sealed = seal(one.record, sealer, context=_context(one.action.action_id))
            kept.append((one.action.action_id, one.ticket_id, until, sealed))
            outcome, code = ActionOutcome.PENDING, None
        elif verdict is not None:
            work.refuse(one.record, verdict.code, verdict.message)
            log.info("action.refused", action_id=one.action.action_id, kind=one.action.kind, code=verdict.code)
            outcome, code = ActionOutcome.REFUSED, verdict.code
        else:
            outcome, code = ActionOutcome.APPLIED, None
        outcomes[one.action.action_id] = outcome, code
        kind = one.action.kind if one.action.kind in set(ActionKind) else "unknown"
        metrics.ACTIONS.labels(kind, outcome).inc()
    await keep_pending(work.connection, kept)
    await record_outcomes(work.connection, outcomes)


def named_agents(commands: Iterable[Command]) -> set[str]:
    """The agents a judge may want to know about: who acts, and to whom a ticket is to go."""
    return {agent_id for one in commands for agent_id in (one.action.actor.id, one.action.to) if agent_id is not None}


def _verdict(docket: Docket, one: Command) -> Refused | None:
    """None when it was done."""
    asked = one.action
    if one.ticket_id is None:
        return Refused(BAD_TICKET_ID, no_ticket_id(asked.ticket_id))
    ticket = docket.tickets.get(one.ticket_id)
    if ticket is None:
        seconds = docket.rules.patience.unknown_ticket_seconds
        return Refused(UNKNOWN_TICKET, f"there is no ticket {one.ticket_id}, and none came within {seconds:g} s")
    action = Action(
        kind=asked.kind,
        actor_kind=asked.actor.kind,
        actor_id=asked.actor.id,
        text=asked.text,
        reason=asked.reason,
        on=asked.on,
        to=asked.to,
    )
    verdict = judge(ticket, action, docket.work.now, docket.facts())
    if isinstance(verdict, Refused):
        return verdict
    docket.decide(verdict, one.record)
    return None


def _context(action_id: str) -> str:
    return f"routing/action/{action_id}"
