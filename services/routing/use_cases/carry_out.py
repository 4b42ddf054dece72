"""Actions before the judge: done wholly, kept until their ticket comes, or refused with a reason."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.routing.domain.decision import Refused
from services.routing.domain.transitions import judge
from services.routing.store.actions import ActionOutcome, record_outcomes
from services.routing.use_cases.command import Command, count_outcome, refuse
from services.routing.use_cases.docket import Docket
from services.routing.use_cases.keep_actions import keep_for_ticket
from shared.bus.ticket_events import BAD_TICKET_ID, no_ticket_id
from shared.bus.unit_of_work import UnitOfWork
from shared.security.sealing import Sealer

UNKNOWN_TICKET: Final = "unknown_ticket"


async def carry_out(docket: Docket, commands: Sequence[Command], sealer: Sealer, *, may_wait: bool = True) -> None:
    """Judges commands in order. Those without a ticket are kept, or refused when they have waited long enough."""
    work = docket.work
    outcomes: dict[str, tuple[ActionOutcome, str | None]] = {}
    waiting = []
    until = work.now + timedelta(seconds=docket.rules.patience.unknown_ticket_seconds)
    for command in commands:
        verdict = _earlier_refusal(work, command) or _judge_and_apply(docket, command)
        if verdict is not None and verdict.code == UNKNOWN_TICKET and may_wait and command.ticket_id is not None:
            waiting.append((command, command.ticket_id))
            outcome, code = ActionOutcome.PENDING, None
        elif verdict is not None:
            refuse(work, command, verdict)
            outcome, code = ActionOutcome.REFUSED, verdict.code
        else:
            outcome, code = ActionOutcome.APPLIED, None
        outcomes[command.key] = outcome, code
        # A refusal has been counted where it was made.
        if outcome is not ActionOutcome.REFUSED:
            count_outcome(command, outcome)
    await keep_for_ticket(work, waiting, until, sealer)
    await record_outcomes(work.connection, outcomes)


def _earlier_refusal(work: UnitOfWork, command: Command) -> Refused | None:
    """Of an action that was kept, and had an earlier try of this work fail: its effect would be too large."""
    known = work.why_given_up(command.record)
    return Refused(known.reason, known.message) if known else None


def _judge_and_apply(docket: Docket, command: Command) -> Refused | None:
    """None when it was done."""
    if command.ticket_id is None:
        return Refused(BAD_TICKET_ID, no_ticket_id(command.action.ticket_id))
    ticket = docket.tickets.get(command.ticket_id)
    if ticket is None:
        seconds = docket.rules.patience.unknown_ticket_seconds
        return Refused(UNKNOWN_TICKET, f"there is no ticket {command.ticket_id}, and none came within {seconds:g} s")
    verdict = judge(ticket, command.action, docket.work.now, docket.context())
    if isinstance(verdict, Refused):
        return verdict
    docket.decide(verdict, command.record)
    return None
