"""The building blocks of decisions: into a queue, to an agent, back from one, and out of a wait."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.routing.domain.agent import Agent
from services.routing.domain.decision import Decision
from services.routing.domain.lanes import lane_of
from services.routing.domain.priority import queue_position_at
from services.routing.domain.ticket import ENDED, Ticket
from services.routing.rules.model import Rules
from shared.contracts.lifecycle import TicketState
from shared.contracts.tickets import (
    AssignmentReason,
    TicketAssigned,
    TicketDeclined,
    TicketQueued,
    TicketReopened,
    TicketResumed,
)
from shared.contracts.vocabulary import DeclineCause


class QueueReason(StrEnum):
    """The reasons of ``queued``."""

    NEW = "new"
    DECLINED = "declined"
    TIMEOUT = "accept_timeout"
    OFFLINE = "agent_offline"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    TRANSFERRED = "transferred"
    CORRECTED = "type_corrected"
    MATTER = "matter_told"


_REASON_OF = {
    DeclineCause.DECLINED: QueueReason.DECLINED,
    DeclineCause.TIMEOUT: QueueReason.TIMEOUT,
    DeclineCause.OFFLINE: QueueReason.OFFLINE,
}


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What a decision may look at beside the ticket: agents by id, the teams that have a free agent, the rules."""

    rules: Rules
    agents: Mapping[str, Agent]
    free_teams: frozenset[str] = frozenset()


def enqueue(ticket: Ticket, why: QueueReason, now: datetime, rules: Rules, *, queue: str | None = None) -> Decision:
    """Into a queue (its own one unless another is named), out of anybody's hands."""
    lane = lane_of(ticket, rules)
    free = let_go(ticket, state=TicketState.QUEUED, queue=queue or ticket.queue, lane=lane)
    after = ranked(replace(free, queued_at=now, matchable_from=now), rules)
    return Decision(after, (after.say(TicketQueued, now, queue=after.queue, reason=why),))


def let_go(ticket: Ticket, **changes: Any) -> Ticket:
    """In nobody's hands: no agent, no wait, nothing due; ``last_agent_id`` says who had it. With these changes."""
    return replace(
        ticket,
        agent_id=None,
        last_agent_id=ticket.agent_id or ticket.last_agent_id,
        waiting_on=None,
        accept_due=None,
        close_due=None,
        **changes,
    )


def ranked(ticket: Ticket, rules: Rules) -> Ticket:
    """With its place in the queue computed anew."""
    return replace(ticket, queue_position_at=queue_position_at(ticket, rules))


def reserve(
    ticket: Ticket, agent_id: str, now: datetime, rules: Rules, *, lane: str, rule: str, candidates: int
) -> Decision:
    """For an agent, who has to accept in time. The caller has made sure that they are free."""
    after = replace(
        ticket,
        state=TicketState.ASSIGNED,
        lane=lane,
        agent_id=agent_id,
        last_agent_id=ticket.agent_id or ticket.last_agent_id,
        attempt=ticket.attempt + 1,
        accept_due=rules.accept_due(ticket.queue, lane, now),
        close_due=None,
    )
    slack = None if after.due is None else (after.due - now).total_seconds()
    reason = AssignmentReason(rule=rule, candidates=candidates, slack_seconds=slack)
    event = after.say(
        TicketAssigned, now, agent_id=agent_id, queue=after.queue, lane=lane, attempt=after.attempt, reason=reason
    )
    return Decision(after, (event,))


def take_back(ticket: Ticket, cause: DeclineCause, now: datetime, rules: Rules) -> Decision:
    """From an agent who did not take it or cannot keep it, into the queue again."""
    skipped_by = dict(ticket.skipped_by)
    # Who went offline turned nothing down, and may be the best for it when they are back.
    if cause is not DeclineCause.OFFLINE and ticket.agent_id is not None:
        skipped_by[ticket.agent_id] = now
    declined = ticket.say(TicketDeclined, now, agent_id=ticket.agent_id, cause=cause)
    return (
        resume(ticket, now)
        .then(lambda resumed: Decision(replace(resumed, skipped_by=skipped_by), (declined,)))
        .then(lambda returned: enqueue(returned, _REASON_OF[cause], now, rules))
    )


def with_problem_type(ticket: Ticket, problem_type: str, rules: Rules) -> Ticket:
    """About another problem than was thought, and of that one's queue, unless it is a team's of the ladder."""
    queue = ticket.queue if ticket.team is not None else rules.queue_for(problem_type)
    return ranked(replace(ticket, problem_type=problem_type, queue=queue), rules)


def resume(ticket: Ticket, now: datetime) -> Decision:
    """Out of a wait, if it is in one."""
    if ticket.waiting_on is None:
        return Decision(ticket)
    after = replace(ticket, state=TicketState.ACCEPTED, waiting_on=None)
    return Decision(after, (after.say(TicketResumed, now, on=ticket.waiting_on),))


def reopen_ticket(ticket: Ticket, cause: str, now: datetime, context: DecisionContext) -> Decision:
    """Back to the agent who had it if they are free, else into its queue; its age counts from now."""
    # With its old age it would overtake everybody who has waited since, and whoever skipped it then may be the right
    # one now.
    wanted = replace(ticket, state=TicketState.QUEUED, entered_at=now, close_due=None, closed_at=None, skipped_by={})
    reopened = Decision(wanted, (wanted.say(TicketReopened, now, cause=cause),))
    agent = context.agents.get(ticket.last_agent_id or "")
    # The one who knows the matter saves the member telling it again, which is worth more than a better skill.
    if agent is None or not agent.free:
        return reopened.then(lambda after: enqueue(after, QueueReason.REOPENED, now, context.rules))
    lane = lane_of(wanted, context.rules)
    return reopened.then(
        lambda after: reserve(
            ranked(replace(after, queued_at=now, lane=lane), context.rules),
            agent.agent_id,
            now,
            context.rules,
            lane=lane,
            rule="same_agent",
            candidates=1,
        )
    )


def is_open(ticket: Ticket) -> bool:
    """Whether somebody still has to do something about it."""
    return ticket.state not in ENDED and ticket.state is not TicketState.RESOLVED
