"""The clocks of a batch of tickets: apply what happened, then say, keep and schedule what follows from it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.sla.domain import clocks
from services.sla.domain.clock_state import TicketClocks
from services.sla.domain.decisions import Breached, Decision, Escalated, Event, Promised, Warned, timers
from services.sla.domain.promises import Facts
from services.sla.rules.in_force import RulesInForce
from services.sla.store.calendars import calendars_of
from services.sla.store.tickets import Ticket, load_tickets, save_tickets
from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import tickets as said
from shared.timers.timers import DueTimes, Timer, change_timers


class Clockwork:
    """One unit of work over the clocks of some tickets. ``load`` first, ``save`` last."""

    def __init__(self, work: UnitOfWork, rules: RulesInForce) -> None:
        self._work = work
        self._rules = rules
        self._before: dict[UUID, Ticket] = {}
        self._tickets: dict[UUID, Ticket] = {}
        self._rung: set[tuple[UUID, str]] = set()

    async def load(self, ticket_ids: set[UUID]) -> None:
        """Locks and reads the tickets."""
        self._before = await load_tickets(self._work.connection, ticket_ids)
        self._tickets = dict(self._before)
        await self._learn({ticket.clocks.terms.calendar for ticket in self._before.values()})

    def hear(self, record: Record, ticket_id: UUID, event: said.TicketEvent) -> None:
        """Applies one event of a ticket, and says what follows from it."""
        ticket = self._tickets.get(ticket_id)
        if isinstance(event, said.TicketOpened):
            if ticket is None:
                self._open(record, ticket_id, event)
            return
        if ticket is None:
            return
        ticket = replace(ticket, member_id=event.member_id, tier=event.tier)
        for decision in self._decisions(ticket.clocks, event):
            ticket = self._apply(ticket, decision, record)

    def ring(self, timer: Timer) -> None:
        """A timer is due. What it was set for may be over; then nothing follows."""
        self._rung.add((timer.ticket_id, timer.kind))
        ticket = self._tickets.get(timer.ticket_id)
        if ticket is not None:
            self._apply(ticket, clocks.on_time(ticket.clocks, self._work.now, self._rules.calendars), timer.cause)

    async def save(self) -> None:
        """Writes the tickets that changed, and their timers."""
        changed = [ticket for ticket_id, ticket in self._tickets.items() if ticket != self._before.get(ticket_id)]
        await save_tickets(self._work.connection, changed)
        await change_timers(self._work.connection, [self._timers(ticket) for ticket in self._tickets.values()])

    async def _learn(self, references: set[str]) -> None:
        """Calendars that another process promised under since this one started: one with newer rule files, say."""
        if unknown := references - self._rules.calendars.keys():
            self._rules.calendars.update(await calendars_of(self._work.connection, unknown))

    def _timers(self, ticket: Ticket) -> tuple[UUID, DueTimes, DueTimes]:
        before = self._before.get(ticket.ticket_id)
        # a timer that rang has no row any more, whether or not it is wanted again
        rows = {} if before is None else timers(before.clocks)
        left = {kind: due for kind, due in rows.items() if (ticket.ticket_id, kind) not in self._rung}
        return ticket.ticket_id, left, timers(ticket.clocks)

    def _open(self, record: Record, ticket_id: UUID, event: said.TicketOpened) -> None:
        facts = Facts(event.tier, event.complexity, event.problem_type, event.urgency)
        terms = self._rules.promises.terms_for(facts)
        decision = clocks.on_opened(facts, terms, _received(event), self._rules.calendars)
        self._apply(Ticket(ticket_id, event.ticket_no, event.member_id, event.tier, decision.state), decision, record)

    def _decisions(self, state: TicketClocks, event: said.TicketEvent) -> list[Decision]:
        calendars, at = self._rules.calendars, event.at
        match event:
            case said.TicketAmended():
                amended = self._amended(state, event)
                return [amended, self._under_amended(amended.state, event)]
            case said.TicketCorrected():
                return [self._under(state, replace(state.facts, problem_type=event.problem_type))]
            case said.TicketAnswered():
                return [clocks.on_answered(state, event.by.kind, at)]
            case said.TicketWaiting():
                return [clocks.on_waiting(state, event.on, at, calendars)]
            case said.TicketResumed():
                return [clocks.on_resumed(state, at, calendars)]
            case said.TicketResolved():
                return [clocks.on_resolved(state, at)]
            case said.TicketReopened():
                return [clocks.on_reopened(state, at, calendars)]
            case said.TicketClosed() | said.TicketMerged():
                return [clocks.on_closed(state, at)]
            case said.TicketAppealed():
                return [clocks.on_appealed(state, self._work.now, calendars)]
            case said.TicketAcknowledged():
                return [clocks.on_acknowledged(state)]
        return []

    def _amended(self, state: TicketClocks, event: said.TicketAmended) -> Decision:
        # somebody less proven is not taken for the member: they end no wait and start no clock
        if event.less_proven:
            return Decision(state)
        return clocks.on_amended(state, _received(event), self._rules.calendars, event.remark)

    def _under_amended(self, state: TicketClocks, event: said.TicketAmended) -> Decision:
        facts = replace(state.facts, urgency=event.urgency, tier=event.tier)
        if event.problem_type is None:
            return self._under(state, facts)
        complexity = event.complexity or facts.complexity
        facts = replace(facts, problem_type=event.problem_type, complexity=complexity)
        terms = self._rules.promises.terms_for(facts)
        return clocks.on_matter(state, facts, terms, _received(event), self._work.now, self._rules.calendars)

    def _under(self, state: TicketClocks, facts: Facts) -> Decision:
        if facts == state.facts:
            return Decision(state)
        terms = self._rules.promises.terms_for(facts)
        return clocks.on_terms(state, facts, terms, self._work.now, self._rules.calendars)

    def _apply(self, ticket: Ticket, decision: Decision, cause: Record | str) -> Ticket:
        after = ticket.having(decision.state)
        self._tickets[ticket.ticket_id] = after
        for event in decision.events:
            self._work.emit(_event(after, event, self._work.now), key=str(ticket.ticket_id), cause=cause)
        return after


def _received(event: said.TicketOpened | said.TicketAmended) -> datetime:
    """When the contact reached the house: what we were slow to read lengthens no promise."""
    return min(event.received_at or event.at, event.at)


def _event(ticket: Ticket, event: Event, now: datetime) -> said.TicketEvent:
    about = {
        "ticket_id": str(ticket.ticket_id),
        "ticket_no": ticket.ticket_no,
        "member_id": ticket.member_id,
        "tier": ticket.tier,
        "at": now,
    }
    match event:
        case Promised():
            return said.TicketPromised(
                **about,
                first_answer_due=event.first_answer_due,
                plan_due=event.plan_due,
                next_answer_due=event.next_answer_due,
                policy=event.policy,
                calendar=event.calendar,
                at_once=event.at_once,
            )
        case Warned():
            return said.TicketWarned(**about, clock=event.clock, due=event.due, level=event.level)
        case Breached():
            return said.TicketBreached(**about, clock=event.clock, due=event.due, level=event.level)
        case Escalated():
            return said.TicketEscalated(
                **about, level=event.level, team=event.team, cause=event.cause, clock=event.clock
            )
