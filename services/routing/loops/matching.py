"""The round of matching: lock waiting tickets, look at the agents, choose, lock the chosen, write.

Replicas run it side by side: locks are skipped, never waited for, so each takes other tickets and other agents.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from services.routing.domain.agent import Agent
from services.routing.domain.kinds import served
from services.routing.domain.matching import Assignment, match
from services.routing.domain.ticket import Ticket
from services.routing.domain.ticket_steps import reserve
from services.routing.rules.model import Rules
from services.routing.store.agents import lock_free_agents, present_agents
from services.routing.store.queue import lock_first, lock_first_of, park, waiting_kinds, worth_matching
from services.routing.use_cases.docket import Docket
from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.telemetry import metrics

# So many are looked at even with hardly a place free: the first ones may be for somebody else.
FEW: Final = 50
# A full round of tickets nobody can take would meet the same ones for ever, and never those behind them.
PARKED: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Matching:
    """``most``: tickets of one round."""

    rules: Rules
    most: int

    async def step(self, transactions: Transactions) -> bool:
        """One round. True when there may be more to give."""
        started = time.perf_counter()
        async with transactions.begin() as work:
            if not await worth_matching(work.connection):
                return False
            more = await self._round(work)
        metrics.MATCH_SECONDS.observe(time.perf_counter() - started)
        return more

    async def _round(self, work: UnitOfWork) -> bool:
        agents = await present_agents(work.connection)
        free = [agent for agent in agents.values() if agent.free]
        # Twice the free places, since some of the tickets will fit nobody who has one.
        limit = min(self.most, max(FEW, 2 * sum(agent.capacity - agent.load for agent in free)))
        tickets = await self._first(work, free, limit)
        planned = match(tickets, agents.values(), work.now, self.rules)

        # The picture was taken without locks, so the plan is made again with the agents that could be had. Where those
        # it wants are as they were in the picture, it would be the same.
        wanted = {assignment.agent_id for assignment in planned.values()}
        locked = await lock_free_agents(work.connection, wanted) if wanted else {}
        docket = Docket(work, self.rules, tickets, locked.values())
        as_pictured = all(locked.get(agent_id) == agents[agent_id] for agent_id in wanted)
        final = planned if as_pictured else match(tickets, _as_locked(agents, locked), work.now, self.rules)
        for ticket in sorted(tickets, key=lambda ticket: (ticket.queue_position_at, ticket.ticket_id)):
            if (assignment := final.get(ticket.ticket_id)) is not None:
                self._assign(docket, assignment, planned.get(ticket.ticket_id, assignment).candidates)
        await docket.save()

        full = len(tickets) == limit
        if full and (unmatched := [ticket.ticket_id for ticket in tickets if ticket.ticket_id not in final]):
            await park(work.connection, unmatched, work.now + PARKED)
        return full

    async def _first(self, work: UnitOfWork, free: Sequence[Agent], limit: int) -> list[Ticket]:
        """The first tickets somebody free may take. Where that is any, the queue is read from its head."""
        kinds = await waiting_kinds(work.connection)
        theirs = served(kinds, free, self.rules)
        if len(theirs) == len(kinds):
            return await lock_first(work.connection, limit)
        advisors, tiers = [agent.agent_id for agent in free], self.rules.lanes.advisor.tiers
        return await lock_first_of(work.connection, theirs, advisors, tiers, limit)

    def _assign(self, docket: Docket, assignment: Assignment, candidates: int) -> None:
        ticket = docket.tickets[assignment.ticket_id]
        decision = reserve(
            ticket,
            assignment.agent_id,
            docket.work.now,
            self.rules,
            lane=assignment.lane,
            rule=assignment.rule,
            candidates=candidates,
        )
        docket.decide(decision, f"match/{ticket.key}/{decision.ticket.attempt}")


def _as_locked(agents: dict[str, Agent], locked: dict[str, Agent]) -> Iterable[Agent]:
    """Whom we could not lock counts as busy: they are there, but not for us in this round."""
    for agent in agents.values():
        yield locked.get(agent.agent_id) or replace(agent, load=max(agent.load, agent.capacity))
