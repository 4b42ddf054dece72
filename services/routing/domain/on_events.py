"""What intake and sla say about a ticket, and what routing makes of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.decision import Decision
from services.routing.domain.lanes import lane_of
from services.routing.domain.ticket import ENDED, HELD, URGENCIES, Ticket, level_of
from services.routing.domain.ticket_steps import (
    DecisionContext,
    QueueReason,
    enqueue,
    is_open,
    let_go,
    ranked,
    reopen_ticket,
    resume,
    with_problem_type,
)
from shared.contracts.lifecycle import TicketState
from shared.contracts.tickets import TicketAmended, TicketEscalated, TicketMerged, TicketOpened, TicketPromised
from shared.contracts.vocabulary import Remark, WaitingOn

MEMBER_MESSAGE = "member_message"

NO_MATTER = frozenset({Remark.GREETING, Remark.COURTESY, Remark.AUTOMATIC})


def on_opened(event: TicketOpened, now: datetime, context: DecisionContext, advisors: Mapping[str, str]) -> Decision:
    """A new ticket, queued by its problem type. It waits a moment for its promise. ``advisors``: member -> agent."""
    fresh = Ticket(
        ticket_id=UUID(event.ticket_id),
        ticket_no=event.ticket_no,
        member_id=event.member_id,
        tier=event.tier,
        problem_type=event.problem_type,
        urgency=event.urgency,
        opened_at=event.at,
        entered_at=event.at,
        queued_at=now,
        queue_position_at=now,
        matchable_from=now,
        queue=context.rules.queue_for(event.problem_type),
        language=event.language,
        order_no=event.order_no,
        advisor_agent_id=advisors.get(event.member_id or ""),
    )
    queued = enqueue(fresh, QueueReason.NEW, now, context.rules)
    wait = timedelta(seconds=context.rules.patience.promise_wait_seconds)
    return Decision(replace(queued.ticket, matchable_from=now + wait), queued.events)


def on_amended(ticket: Ticket, event: TicketAmended, now: datetime, context: DecisionContext) -> Decision:
    """A further contact fills gaps and raises urgency, ends a wait for the member, reopens a resolved ticket.

    A closed ticket stays closed once the time for reopening is over; a merged one goes on elsewhere. A contact that is
    less surely the member's than the ticket ends and reopens nothing, and neither does a greeting, a courtesy or a
    machine's note: nothing is supplied and nothing contested. Who is the first to say what the ticket is about moves it
    to the queue and the lane of that, out of a reservation too; an agent who has accepted it keeps it.
    """
    if ticket.state is TicketState.MERGED:
        return Decision(ticket)
    known = replace(
        ticket,
        member_id=event.member_id or ticket.member_id,
        # A contact of somebody unknown bears the lowest tier, which says nothing about the member of the ticket.
        tier=event.tier if event.member_id else ticket.tier,
        order_no=ticket.order_no or event.order_no,
        urgency=max(ticket.urgency, event.urgency, key=lambda urgency: level_of(urgency, URGENCIES)),
    )
    if event.problem_type is None:
        return _apply_contact(ranked(known, context.rules), event, now, context)
    spoken = replace(known, language=event.language or known.language)
    retyped = with_problem_type(spoken, event.problem_type, context.rules)
    return _apply_contact(retyped, event, now, context).then(lambda after: _requeue(after, ticket, now, context))


def _apply_contact(known: Ticket, event: TicketAmended, now: datetime, context: DecisionContext) -> Decision:
    """What a further contact does to a ticket that knows what it said."""
    if event.less_proven or event.remark in NO_MATTER:
        return Decision(known)
    if known.state is TicketState.WAITING and known.waiting_on == WaitingOn.MEMBER:
        return resume(known, now)
    if known.state is TicketState.RESOLVED or may_reopen(known, event.at, context):
        return reopen_ticket(known, MEMBER_MESSAGE, now, context)
    return Decision(known)


def _requeue(ticket: Ticket, before: Ticket, now: datetime, context: DecisionContext) -> Decision:
    """Into the right queue and lane, when it stood in others and nobody has accepted it."""
    stood = before.state in {TicketState.QUEUED, TicketState.ASSIGNED}
    if not stood or (ticket.queue, lane_of(ticket, context.rules)) == (before.queue, before.lane):
        return Decision(ticket)
    return enqueue(ticket, QueueReason.MATTER, now, context.rules)


def may_reopen(ticket: Ticket, now: datetime, context: DecisionContext) -> bool:
    """Whether a closed ticket was closed recently enough."""
    window = timedelta(seconds=context.rules.patience.reopen_within_seconds)
    return ticket.state is TicketState.CLOSED and ticket.closed_at is not None and now - ticket.closed_at <= window


def on_merged(ticket: Ticket, event: TicketMerged) -> Decision:
    """The ticket goes on in another, and ends here."""
    return Decision(let_go(ticket, state=TicketState.MERGED, merged_into=event.into))


def on_promised(ticket: Ticket, event: TicketPromised, now: datetime, context: DecisionContext) -> Decision:
    """A deadline: the place in the queue may change, and the wait for it is over."""
    promised = replace(
        ticket,
        first_answer_due=event.first_answer_due,
        plan_due=event.plan_due,
        # Never later: a promise is said again whenever its due time moves, and that is no reason to wait anew.
        matchable_from=min(ticket.matchable_from, now),
    )
    return Decision(ranked(promised, context.rules))


def on_escalated(ticket: Ticket, event: TicketEscalated, now: datetime, context: DecisionContext) -> Decision:
    """To the team's queue; from its agent only when somebody of the team is free, for leaving it to nobody is worse.

    A rung that was reached already is not called again, and none below it.
    """
    if ticket.state in ENDED or event.level <= ticket.level:
        return Decision(ticket)
    risen = replace(ticket, level=event.level, team=event.team, acknowledged_at=None)
    queue = context.rules.queue_of_team(event.team, ticket.queue)
    if not is_open(risen):
        return Decision(replace(risen, queue=queue))
    if risen.state in HELD:
        agent = context.agents.get(risen.agent_id or "")
        there_already = agent is not None and agent.team == event.team
        # It stays where it is, but belongs to the team: should its agent give it back, it waits in the team's queue.
        if there_already or event.team not in context.free_teams:
            return Decision(replace(risen, queue=queue))
    return resume(risen, now).then(lambda after: enqueue(after, QueueReason.ESCALATED, now, context.rules, queue=queue))
