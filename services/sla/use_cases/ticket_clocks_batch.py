"""The clocks of a batch of tickets: apply what happened, then publish, keep and schedule what follows from it."""

from dataclasses import replace
from uuid import UUID

from services.sla.domain import clocks
from services.sla.domain.decisions import Decision, DecisionContext, timers
from services.sla.domain.on_events import on_event, on_opening
from services.sla.rules.in_force import RulesInForce
from services.sla.store.calendars import calendars_of
from services.sla.store.tickets import Ticket, load_tickets, save_tickets
from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.tickets import TicketEvent, TicketOpened
from shared.timers.timers import DueTimes, Timer, change_timers


class TicketClocksBatch:
    """One unit of work over the clocks of some tickets. ``load`` first, ``save`` last."""

    def __init__(self, work: UnitOfWork, rules: RulesInForce) -> None:
        self._work = work
        self._rules = rules
        self._before: dict[UUID, Ticket] = {}
        self._tickets: dict[UUID, Ticket] = {}
        self._fired: set[tuple[UUID, str]] = set()

    async def load(self, ticket_ids: set[UUID]) -> None:
        """Locks and reads the tickets."""
        self._before = await load_tickets(self._work.connection, ticket_ids)
        self._tickets = dict(self._before)
        await self._learn_calendars({ticket.clocks.terms.calendar for ticket in self._before.values()})

    def apply(self, record: Record, ticket_id: UUID, event: TicketEvent) -> None:
        """Applies one event of a ticket, and publishes what follows from it."""
        ticket = self._tickets.get(ticket_id)
        if isinstance(event, TicketOpened):
            # a replayed opening: its promise is given, and its clocks may have moved since
            if ticket is None:
                self._open(record, ticket_id, event)
        # Without its opening nobody knows what a ticket was promised: it was pruned, or its opening is a dead letter.
        elif ticket is not None:
            ticket = replace(ticket, member_id=event.member_id, tier=event.tier)
            decision = on_event(self._context(ticket_id, ticket), ticket.clocks, event, self._rules.promises)
            self._take(ticket, decision, record)

    def fire(self, timer: Timer) -> None:
        """A timer is due. What it was set for may be over; then nothing follows."""
        self._fired.add((timer.ticket_id, timer.kind))
        ticket = self._tickets.get(timer.ticket_id)
        if ticket is not None:
            self._take(ticket, clocks.on_time(self._context(ticket.ticket_id, ticket), ticket.clocks), timer.cause)

    async def save(self) -> None:
        """Writes the tickets that changed, and their timers."""
        changed = [ticket for ticket_id, ticket in self._tickets.items() if ticket != self._before.get(ticket_id)]
        await save_tickets(self._work.connection, changed)
        await change_timers(self._work.connection, [self._timers(ticket) for ticket in self._tickets.values()])

    async def _learn_calendars(self, references: set[str]) -> None:
        """Calendars that another process promised under since this one started: one with newer rule files, say."""
        if unknown := references - self._rules.calendars.keys():
            self._rules.calendars.update(await calendars_of(self._work.connection, unknown))

    def _timers(self, ticket: Ticket) -> tuple[UUID, DueTimes, DueTimes]:
        before = self._before.get(ticket.ticket_id)
        # a timer that fired has no row any more, whether or not it is wanted again
        rows = {} if before is None else timers(before.clocks)
        left = {kind: due for kind, due in rows.items() if (ticket.ticket_id, kind) not in self._fired}
        return ticket.ticket_id, left, timers(ticket.clocks)

    def _open(self, record: Record, ticket_id: UUID, event: TicketOpened) -> None:
        decision = on_opening(self._context(ticket_id, event), event, self._rules.promises)
        opened = Ticket(ticket_id, event.ticket_no, event.member_id, event.tier, decision.state)
        self._take(opened, decision, record)

    def _context(self, ticket_id: UUID, known: Ticket | TicketOpened) -> DecisionContext:
        return DecisionContext(
            ticket_id, known.ticket_no, known.member_id, known.tier, self._work.now, self._rules.calendars
        )

    def _take(self, ticket: Ticket, decision: Decision, cause: Record | str) -> None:
        self._tickets[ticket.ticket_id] = ticket.having(decision.state)
        for event in decision.events:
            self._work.emit(event, key=str(ticket.ticket_id), cause=cause)
