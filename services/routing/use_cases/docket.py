"""The docket: the tickets one transaction decides about, locked, and what was decided, written in bulk at the end.

Lock order everywhere: tickets by id, then (under their locks) timers, then agents by id. The load of agents and the
timers follow from each ticket before and after, so that no decision can forget them.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from services.routing.domain.agent import Agent
from services.routing.domain.decision import Decision, timers_of
from services.routing.domain.ticket import Ticket
from services.routing.domain.ticket_steps import DecisionContext
from services.routing.rules.model import Rules
from services.routing.store.agents import lock_agents, save_loads
from services.routing.store.tickets import lock_tickets, save_tickets
from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.tickets import TicketAssigned, TicketDeclined
from shared.telemetry import metrics
from shared.timers.timers import DueTimes, change_timers


class Docket:
    """Holds ``tickets`` and ``agents`` as they stand now. Decide in the order of the causes, then save once."""

    def __init__(self, work: UnitOfWork, rules: Rules, tickets: Iterable[Ticket], agents: Iterable[Agent] = ()) -> None:
        self.work = work
        self.rules = rules
        self.tickets = {ticket.ticket_id: ticket for ticket in tickets}
        self.agents = {agent.agent_id: agent for agent in agents}
        self._before: dict[UUID, Ticket | None] = {}
        self._loaded: set[str] = set()

    @classmethod
    async def open(cls, work: UnitOfWork, rules: Rules, ticket_ids: Iterable[UUID]) -> "Docket":
        """Locks these tickets, as far as they exist."""
        return cls(work, rules, (await lock_tickets(work.connection, ticket_ids)).values())

    async def lock_agents(self, agent_ids: Iterable[str] = ()) -> None:
        """Locks the agents of all tickets, and these; called again, reads what this transaction has changed since."""
        of_tickets = {
            agent_id
            for ticket in self.tickets.values()
            for agent_id in (ticket.agent_id, ticket.last_agent_id)
            if agent_id is not None
        }
        self.agents = await lock_agents(self.work.connection, of_tickets | set(agent_ids))

    def context(self, free_teams: frozenset[str] = frozenset()) -> DecisionContext:
        """What decisions may look at; the agents change as decisions are made."""
        return DecisionContext(self.rules, self.agents, free_teams)

    def decide(self, decision: Decision, cause: Record | str) -> None:
        """Takes a decision over: the ticket as it is after, its events in order, the load of its agents."""
        after = decision.ticket
        before = self.tickets.get(after.ticket_id)
        # The ticket as its row has it, not as an earlier decision left it: timers and rows are compared with the
        # tables.
        self._before.setdefault(after.ticket_id, before)
        self.tickets[after.ticket_id] = after
        for event in decision.events:
            self.work.emit(event, key=after.key, cause=cause)
            _count(event)
        holder = before.agent_id if before else None
        if holder != after.agent_id:
            self._load(holder, -1)
            self._load(after.agent_id, +1)

    async def save(self) -> None:
        """Writes all that changed."""
        connection = self.work.connection
        changed = [
            self.tickets[ticket_id] for ticket_id, before in self._before.items() if self.tickets[ticket_id] != before
        ]
        await save_tickets(connection, changed)
        await change_timers(connection, [self._timers(ticket) for ticket in changed])
        await save_loads(connection, [self.agents[agent_id] for agent_id in sorted(self._loaded)])

    def _timers(self, ticket: Ticket) -> tuple[UUID, DueTimes, DueTimes]:
        before = self._before[ticket.ticket_id]
        return ticket.ticket_id, timers_of(before) if before else {}, timers_of(ticket)

    def _load(self, agent_id: str | None, by: int) -> None:
        agent = self.agents.get(agent_id or "")
        if agent is None:
            return
        # Giving a ticket back is no reason to be asked later: idleness counts from the last one given.
        last_assigned_at = self.work.now if by > 0 else agent.last_assigned_at
        self.agents[agent.agent_id] = replace(agent, load=agent.load + by, last_assigned_at=last_assigned_at)
        self._loaded.add(agent.agent_id)


def _count(event: object) -> None:
    if isinstance(event, TicketAssigned):
        metrics.ASSIGNED.labels(event.lane, event.reason.rule).inc()
    elif isinstance(event, TicketDeclined):
        metrics.DECLINED.labels(event.cause).inc()
