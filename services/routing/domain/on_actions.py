"""What each action does when it is allowed. Each may still refuse for what it lacks, and then nothing is changed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.routing.domain.decision import Decision, Refused
from services.routing.domain.lanes import lane_of
from services.routing.domain.on_events import may_reopen
from services.routing.domain.roles import has_role
from services.routing.domain.ticket import Ticket
from services.routing.domain.ticket_steps import (
    DecisionContext,
    QueueReason,
    enqueue,
    let_go,
    reopen_ticket,
    reserve,
    resume,
    take_back,
    with_problem_type,
)
from shared.contracts.actions import ActionRequested
from shared.contracts.lifecycle import LADDER, TicketState
from shared.contracts.tickets import (
    Party,
    TicketAccepted,
    TicketAcknowledged,
    TicketAnswered,
    TicketAppealed,
    TicketClosed,
    TicketCorrected,
    TicketNoted,
    TicketResolved,
    TicketWaiting,
)
from shared.contracts.vocabulary import (
    ActionKind,
    ActorKind,
    AnsweredBy,
    DeclineCause,
    EscalationCause,
    Team,
    WaitingOn,
)

Outcome = Decision | Refused
Effect = Callable[[Ticket, ActionRequested, datetime, DecisionContext], Outcome]


def accept(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """The reservation becomes theirs."""
    after = replace(ticket, state=TicketState.ACCEPTED, accept_due=None)
    return Decision(after, (after.say(TicketAccepted, now, agent_id=action.actor.id),))


def decline(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """Somebody else is asked."""
    return take_back(ticket, DeclineCause.DECLINED, now, context.rules)


def answer(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """The member is answered; the ticket stays where it is."""
    if not _given(action.text):
        return _missing("text", "the answer the member reads")
    after = replace(ticket, answered_at=ticket.answered_at or now)
    return Decision(after, (after.say(TicketAnswered, now, by=_party(action), text=action.text),))


def wait(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """Nothing can be done until somebody moves; from one wait into another, too."""
    waits = ", ".join(WaitingOn)
    if not _given(action.on):
        return _missing("on", f"one of {waits}")
    if action.on not in set(WaitingOn):
        return Refused("unknown_value", f"'on' is {action.on!r}; it has to be one of {waits}")
    if action.on == ticket.waiting_on:
        return Refused("unchanged", f"the ticket is waiting on {action.on} already")
    return resume(ticket, now).then(
        lambda free: Decision(
            replace(free, state=TicketState.WAITING, waiting_on=action.on),
            (free.say(TicketWaiting, now, on=action.on),),
        )
    )


def end_wait(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """The wait is over."""
    return resume(ticket, now)


def resolve(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """Solved, as the solver sees it; closes by itself after a while. ``reason`` says how, ``text`` what."""
    closes_at = now + timedelta(seconds=context.rules.patience.close_after_seconds)
    after = replace(let_go(ticket, state=TicketState.RESOLVED), close_due=closes_at)
    how = action.reason or action.actor.kind
    return Decision(after, (after.say(TicketResolved, now, by=_party(action), how=how, text=action.text or ""),))


def reopen(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """It was not solved after all."""
    if ticket.state is TicketState.CLOSED and not may_reopen(ticket, now, context):
        return _too_late("reopened", context)
    return reopen_ticket(ticket, action.reason or action.actor.kind, now, context)


def close(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """Nothing more is to be done."""
    after = let_go(ticket, state=TicketState.CLOSED, closed_at=now)
    return Decision(after, (after.say(TicketClosed, now),))


def appeal(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """The member contests how it is handled; one that was solved or closed is opened again for that, as long as it may
    be reopened. The ladder is sla's matter."""
    if ticket.state is TicketState.CLOSED and not may_reopen(ticket, now, context):
        return _too_late("appealed against", context)
    ended = ticket.state in {TicketState.RESOLVED, TicketState.CLOSED}
    again = reopen_ticket(ticket, EscalationCause.APPEAL, now, context) if ended else Decision(ticket)
    return again.then(
        lambda after: Decision(
            after,
            (
                after.say(
                    TicketAppealed,
                    now,
                    actor_kind=action.actor.kind,
                    actor_id=action.actor.id,
                    reason=action.reason or action.text or "",
                ),
            ),
        )
    )


def transfer(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """To another queue, or to an agent, who has to accept. A name that is both means the queue.

    An escalated ticket that somebody of the ladder took charge of, or hands on, belongs to the queue it is given to.
    """
    rules, to = context.rules, action.to
    if to is None or not _given(to):
        return _missing("to", f"an agent id, or a queue: {', '.join(rules.queues)}")
    if to in rules.queues:
        if ticket.state is TicketState.QUEUED and ticket.queue == to:
            return Refused("unchanged", f"the ticket is in the queue {to} already")
        # Without this the one who gives it away could be the first to be offered it.
        skipped_by = dict(ticket.skipped_by) if ticket.agent_id is None else {**ticket.skipped_by, ticket.agent_id: now}
        given = replace(ticket, skipped_by=skipped_by)
        if to != rules.queue_of_team(ticket.team or "", ticket.queue) and _may_hand_back(ticket, action, context):
            given = replace(given, team=None, acknowledged_at=None)
        return resume(given, now).then(lambda free: enqueue(free, QueueReason.TRANSFERRED, now, rules, queue=to))
    agent = context.agents.get(to)
    if agent is None:
        queues = ", ".join(rules.queues)
        return Refused("unknown_target", f"{to!r} is neither an agent nor a queue; the queues are {queues}")
    if ticket.agent_id == to:
        return Refused("unchanged", f"agent {to} has the ticket already")
    if not agent.online:
        return Refused("target_absent", f"agent {to} is {agent.presence}; transfer to somebody online, or to a queue")
    if not agent.free:
        return Refused("target_full", f"agent {to} has no free place; transfer to somebody else, or to a queue")
    return resume(ticket, now).then(
        lambda free: reserve(
            replace(free, queued_at=now),
            to,
            now,
            rules,
            lane=lane_of(free, rules),
            rule="transfer",
            candidates=1,
        )
    )


def correct_type(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """Another problem type; a ticket nobody accepted yet goes to the queue of the new one."""
    rules, to = context.rules, action.to
    if to is None or not _given(to):
        return _missing("to", "a problem type")
    if not rules.knows_type(to):
        return Refused("unknown_value", f"'to' is {to!r}, which is not a problem type; see config/queues.yaml")
    if to == ticket.problem_type:
        return Refused("unchanged", f"the problem type is {to} already")
    after = with_problem_type(ticket, to, rules)
    event = after.say(TicketCorrected, now, problem_type=to, was=ticket.problem_type, actor_id=action.actor.id)
    corrected = Decision(after, (event,))
    if after.queue == ticket.queue or ticket.state not in {TicketState.QUEUED, TicketState.ASSIGNED}:
        return corrected
    return corrected.then(lambda free: enqueue(free, QueueReason.CORRECTED, now, rules))


def acknowledge(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """Somebody takes charge, and the ladder climbs no further."""
    if ticket.team is None:
        return Refused("not_escalated", "the ticket was not escalated, so there is nothing to acknowledge")
    agent = context.agents.get(action.actor.id)
    team = agent.team if agent is not None else Team.SUPERVISOR
    event = ticket.say(TicketAcknowledged, now, actor_kind=action.actor.kind, actor_id=action.actor.id, team=team)
    return Decision(replace(ticket, acknowledged_at=ticket.acknowledged_at or now), (event,))


def add_note(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Outcome:
    """A word among those who work on it; the ticket stays as it is, ended or not."""
    if not _given(action.text):
        return _missing("text", "the note, which the member never reads")
    return Decision(ticket, (ticket.say(TicketNoted, now, by=_party(action), text=action.text),))


def _may_hand_back(ticket: Ticket, action: ActionRequested, context: DecisionContext) -> bool:
    """A ticket nobody took charge of does not leave the ladder because its agent passes it on."""
    return ticket.acknowledged_at is not None or has_role(LADDER, action, ticket, context)


def _too_late(what: str, context: DecisionContext) -> Refused:
    days = context.rules.patience.reopen_within_seconds / 86400
    return Refused("too_late", f"a closed ticket can be {what} for {days:g} days; open a new one instead")


def _party(action: ActionRequested) -> Party:
    by = AnsweredBy.BOT if action.actor.kind == ActorKind.SYSTEM else AnsweredBy.AGENT
    return Party(kind=by, id=action.actor.id)


def _given(value: str | None) -> bool:
    return value is not None and bool(value.strip())


def _missing(field: str, meaning: str) -> Refused:
    return Refused("missing_field", f"{field!r} is missing: {meaning}")


EFFECTS: Final[Mapping[ActionKind, Effect]] = {
    ActionKind.ACCEPT: accept,
    ActionKind.DECLINE: decline,
    ActionKind.ANSWER: answer,
    ActionKind.WAIT: wait,
    ActionKind.RESUME: end_wait,
    ActionKind.RESOLVE: resolve,
    ActionKind.REOPEN: reopen,
    ActionKind.CLOSE: close,
    ActionKind.APPEAL: appeal,
    ActionKind.TRANSFER: transfer,
    ActionKind.CORRECT_TYPE: correct_type,
    ActionKind.ACKNOWLEDGE: acknowledge,
    ActionKind.NOTE: add_note,
}
"""What each action does once it is allowed."""
