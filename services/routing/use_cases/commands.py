"""Actions on their way to the judge: seen once, kept when they come before their ticket, refused with a reason."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from services.routing.domain.action import Action
from services.routing.domain.decision import Refused
from services.routing.domain.transitions import judge
from services.routing.store.actions import (
    ActionOutcome,
    Asked,
    claim_again,
    claim_fresh,
    contents_of,
    record_outcomes,
    seen_without_source,
)
from services.routing.store.pending_actions import Pending, end_pending, keep_on, keep_pending
from services.routing.use_cases.docket import Docket
from services.routing.use_cases.sealed_record import seal, unseal
from shared.bus.record import Record
from shared.bus.ticket_events import BAD_TICKET_ID, no_ticket_id
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.actions import ActionRequested
from shared.contracts.ids import as_uuid, name_of
from shared.contracts.vocabulary import ActionKind
from shared.security.sealing import DataKeyError, Sealer
from shared.telemetry import metrics

log = structlog.get_logger()

UNREADABLE_AGAIN: Final = timedelta(minutes=1)
"""How soon an action that could not be opened is tried again."""

UNKNOWN_TICKET: Final = "unknown_ticket"
ID_REUSED: Final = "id_reused"

_ANOTHER_WAS_ASKED: Final = (
    "was already used for another action; an action_id is used once by each ce_source, "
    "and all who leave ce_source out count as one"
)


@dataclass(frozen=True, slots=True)
class Command:
    """An action and the record it came in. ``asked`` is what it is known again by; ``ticket_id`` is None when it names
    no ticket id at all."""

    record: Record
    action: ActionRequested
    asked: Asked
    ticket_id: UUID | None

    @property
    def key(self) -> str:
        """The natural key: who sent it and their ``action_id``, as one name."""
        return self.asked.key


def command(record: Record, action: ActionRequested) -> Command:
    """The action of a record. All who do not say who they are, by ``ce_source``, share one space of ids."""
    source = record.envelope.source if record.envelope else ""
    asked = _asked(name_of(source, action.action_id), action)
    return Command(record, action, asked, as_uuid(action.ticket_id))


async def take_up(work: UnitOfWork, pending: Sequence[Pending], sealer: Sealer) -> list[Command]:
    """Actions that were kept, as they came. What cannot be opened is kept on: its key may come back."""
    commands, unreadable = [], []
    for one in pending:
        try:
            record = unseal(one.sealed, sealer, context=sealed_as(one.key))
        except DataKeyError as error:
            # It must not keep its ticket from being opened.
            log.error("action.unreadable", action=one.key, error=str(error))
            unreadable.append(one.key)
            continue
        assert isinstance(record.event, ActionRequested)
        commands.append(Command(record, record.event, _asked(one.key, record.event), one.ticket_id))
    if commands:
        await end_pending(work.connection, [one.key for one in commands])
    if unreadable:
        metrics.UNREADABLE_ROWS.labels("pending_action").inc(len(unreadable))
        await keep_on(work.connection, unreadable, work.now + UNREADABLE_AGAIN)
    return commands


async def not_seen_before(work: UnitOfWork, commands: Sequence[Command]) -> list[Command]:
    """The first of each action; a refused one may be tried again by a replay from the dead letters.

    A repeat changes nothing. One id used for two different things is refused, since one of them would be lost.
    """
    if not commands:
        return []
    new = await _not_from_before(work, commands)
    first = {one.key: one for one in reversed(new)}
    asked = [one.asked for one in first.values()]
    unclaimed = await claim_fresh(work.connection, asked)
    content = {one.key: one.content for one in asked} | await contents_of(work.connection, first.keys() - unclaimed)
    same = [one for one in new if one.asked.content == content[one.key]]
    unclaimed |= await claim_again(work.connection, {one.key for one in same if one.record.replay_for} - unclaimed)
    to_judge = []
    for one in same:
        if one.key in unclaimed:
            unclaimed.remove(one.key)
            to_judge.append(one)
    for one in new:
        if one.asked.content != content[one.key]:
            _refuse(work, one, Refused(ID_REUSED, f"{one.action.action_id[:100]!r} {_ANOTHER_WAS_ASKED}"))
    metrics.ACTIONS.labels("any", "repeated").inc(len(commands) - len(new) + len(same) - len(to_judge))
    return to_judge


async def _not_from_before(work: UnitOfWork, commands: Sequence[Command]) -> list[Command]:
    """Without those that a version handled which did not ask who sent them, and kept less to know them by."""
    outcomes = await seen_without_source(work.connection, [one.asked for one in commands])
    return [
        one
        for one in commands
        if (outcome := outcomes.get(one.key)) is None or (one.record.replay_for and outcome == ActionOutcome.REFUSED)
    ]


async def carry_out(docket: Docket, commands: Sequence[Command], sealer: Sealer, *, may_wait: bool = True) -> None:
    """Judges commands in order. Those without a ticket are kept, or refused when they have waited long enough."""
    work = docket.work
    outcomes: dict[str, tuple[ActionOutcome, str | None]] = {}
    kept = []
    for one in commands:
        verdict = _known_verdict(work, one) or _verdict(docket, one)
        if verdict is not None and verdict.code == UNKNOWN_TICKET and may_wait and one.ticket_id is not None:
            until = work.now + timedelta(seconds=docket.rules.patience.unknown_ticket_seconds)
            sealed = seal(one.record, sealer, context=sealed_as(one.key))
            kept.append((one.key, one.ticket_id, until, sealed))
            outcome, code = ActionOutcome.PENDING, None
        elif verdict is not None:
            _refuse(work, one, verdict)
            outcome, code = ActionOutcome.REFUSED, verdict.code
        else:
            outcome, code = ActionOutcome.APPLIED, None
        outcomes[one.key] = outcome, code
        if outcome is not ActionOutcome.REFUSED:
            _count(one, outcome)
    await keep_pending(work.connection, kept)
    await record_outcomes(work.connection, outcomes)


def named_agents(commands: Iterable[Command]) -> set[str]:
    """The agents a judge may want to know about: who acts, and to whom a ticket is to go."""
    return {agent_id for one in commands for agent_id in (one.action.actor.id, one.action.to) if agent_id is not None}


def _known_verdict(work: UnitOfWork, one: Command) -> Refused | None:
    """Of an action that was kept, and had an earlier try of this work fail: its effect would be too large."""
    known = work.why_given_up(one.record)
    return Refused(known.reason, known.message) if known else None


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


def _asked(key: str, action: ActionRequested) -> Asked:
    # when it was sent is no part of what it says
    said = action.model_dump_json(exclude={"at"}, exclude_none=True).encode()
    content = hashlib.sha256(said).digest()
    return Asked(key, content, action.action_id, action.ticket_id, action.kind, action.actor.kind, action.actor.id)


def _refuse(work: UnitOfWork, one: Command, verdict: Refused) -> None:
    work.refuse(one.record, verdict.code, verdict.message)
    log.info("action.refused", action_id=one.action.action_id, kind=one.action.kind, code=verdict.code)
    _count(one, ActionOutcome.REFUSED)


def _count(one: Command, outcome: ActionOutcome) -> None:
    metrics.ACTIONS.labels(one.action.kind if one.action.kind in set(ActionKind) else "unknown", outcome).inc()


def sealed_as(key: str) -> str:
    """The context an action is sealed in while it waits."""
    return f"routing/action/{key}"
