"""Which agent gets which ticket: pure, deterministic, never over anybody's capacity.

Tickets are served in the order of their places. For each there are steps, and the first that has somebody decides:
the dedicated advisor (waited for a little), the team it was escalated to (likewise), everybody who fits. Among those
who fit: who speaks the language, knows the problem best, is least loaded for their capacity, has been idle longest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.agent import Agent
from services.routing.domain.candidates import Pools, Seats
from services.routing.domain.lanes import lane_without_advisor, wants_advisor
from services.routing.domain.ticket import Ticket
from services.routing.rules.model import Rules
from shared.contracts.vocabulary import Lane, Presence


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who gets a ticket, by which rule, and how many could have."""

    ticket_id: UUID
    agent_id: str
    lane: str
    rule: str
    candidates: int


def match(tickets: Sequence[Ticket], agents: Iterable[Agent], now: datetime, rules: Rules) -> dict[UUID, Assignment]:
    """The assignments of one round. Takes every agent who is not offline: the busy ones decide who is waited for."""
    seats = Seats(agents)
    pools = Pools(seats, rules)
    this_round = _Round(seats, pools, now, rules)
    chosen = {}
    for ticket in sorted(tickets, key=lambda ticket: (ticket.queue_position_at, ticket.ticket_id)):
        assignment = this_round.choose(ticket)
        if assignment is not None:
            pools.take(assignment.agent_id, now)
            chosen[ticket.ticket_id] = assignment
    return chosen


@dataclass(frozen=True, slots=True)
class _Round:
    seats: Seats
    pools: Pools
    now: datetime
    rules: Rules

    def choose(self, ticket: Ticket) -> Assignment | None:
        """Somebody, or None: nobody can now, or somebody is worth waiting for."""
        if wants_advisor(ticket, self.rules):
            assignment, wait = self._advisor(ticket)
            if assignment is not None or wait:
                return assignment
        if ticket.team is not None:
            return self._escalated(ticket, ticket.team)
        lane = lane_without_advisor(ticket, self.rules)
        rule = "fast_lane" if lane == Lane.FAST_TOPUP else "skill"
        return self._from_pool(ticket, lane, rule, self.rules.teams_of(ticket.queue))

    def _advisor(self, ticket: Ticket) -> tuple[Assignment | None, bool]:
        advisor = self.seats.get(ticket.advisor_agent_id or "")
        if advisor is None or advisor.presence == Presence.OFFLINE or advisor.agent_id in ticket.skipped_by:
            return None, False
        if advisor.free:
            return Assignment(ticket.ticket_id, advisor.agent_id, Lane.ADVISOR, "dedicated_advisor", 1), False
        return None, self._waits(ticket, self.rules.lanes.advisor.wait_seconds)

    def _escalated(self, ticket: Ticket, team: str) -> Assignment | None:
        lane = lane_without_advisor(ticket, self.rules)
        assignment = self._from_pool(ticket, lane, "escalation_team", frozenset({team}))
        if assignment is not None:
            return assignment
        if self.seats.team_is_online(team) and self._waits(ticket, self.rules.lanes.escalation.wait_seconds):
            return None
        return self._from_pool(ticket, lane, "escalation_anybody", None)

    def _from_pool(self, ticket: Ticket, lane: str, rule: str, teams: frozenset[str] | None) -> Assignment | None:
        pool = self.pools.of(ticket, teams)
        patience = self.rules.patience
        excluded = self._cooling(ticket, patience.cool_down_seconds)
        if excluded and not pool.others_than(ticket.skipped_by):
            excluded = self._cooling(ticket, patience.alone_cool_down_seconds)
        agent_id = pool.best(excluded)
        if agent_id is None:
            return None
        return Assignment(ticket.ticket_id, agent_id, lane, rule, pool.count(excluded))

    def _cooling(self, ticket: Ticket, seconds: float) -> frozenset[str]:
        since = self.now - timedelta(seconds=seconds)
        return frozenset(agent_id for agent_id, at in ticket.skipped_by.items() if at > since)

    def _waits(self, ticket: Ticket, seconds: float) -> bool:
        return self.now < ticket.queued_at + timedelta(seconds=seconds)
