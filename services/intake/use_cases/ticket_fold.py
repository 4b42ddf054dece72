"""The tickets of a unit of work while contacts are applied to them, one after the other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from services.intake.domain.amend_ticket import amend_ticket
from services.intake.domain.follow_ticket import follow_ticket
from services.intake.domain.open_ticket import open_ticket
from services.intake.domain.open_tickets import OpenTickets, same_speaker
from services.intake.domain.threading import JoinRule, Named, Thread, Windows, thread
from services.intake.domain.ticket import Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.rules.channels import Channels
from services.intake.store.contacts import ContactKey
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.use_cases.threaded_contact import ThreadedContact
from services.intake.use_cases.understand_contact import PreparedContact
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.ids import as_uuid
from shared.contracts.ticket_numbers import ticket_number
from shared.contracts.tickets import TicketEvent
from shared.contracts.vocabulary import Remark
from shared.telemetry import metrics

MOST_WAITING: Final = 20
"""So many greetings of one party wait for its matter; who sends more is not greeting, and gets a ticket at once."""

TicketNews = tuple[UUID, TicketEvent]
"""The id of a ticket, and what others did to it."""

Names = Mapping[tuple[str | None, str], UUID]
"""The tickets that contacts name, by channel and contact, or by number or id under no channel."""


class TicketFold:
    """Holds the tickets as they stand now, and what became of each contact in ``threaded``.

    ``waiting``: what waited for a matter before. ``numbers``: enough of them for every contact to open a ticket.
    """

    def __init__(
        self,
        tickets: Iterable[Ticket],
        waiting: Sequence[ThreadedContact],
        *,
        names: Names,
        numbers: Iterable[int],
        rules: ProblemTypes,
        channels: Channels,
        windows: Windows,
        patient: bool,
        work: UnitOfWork,
    ) -> None:
        self.threaded: dict[ContactKey, ThreadedContact] = {contact.key: contact for contact in waiting}
        self._tickets = OpenTickets(tickets)
        self._names = names
        self._numbers = iter(numbers)
        self._rules = rules
        self._channels = channels
        self._windows = windows
        self._patient = patient
        self._work = work
        self._touched: set[UUID] = set()

    def touched(self) -> list[Ticket]:
        """The tickets that were opened or changed, by id."""
        changed = (self._tickets.get(ticket_id) for ticket_id in sorted(self._touched))
        return [ticket for ticket in changed if ticket is not None]

    def follow(self, ticket_events: Sequence[TicketNews]) -> None:
        """What others did. Tickets that are not ours are no matter."""
        for ticket_id, event in ticket_events:
            if ticket := self._tickets.get(ticket_id):
                self._put(follow_ticket(ticket, event))

    def receive(self, contact: ThreadedContact) -> None:
        """One contact: joins a ticket or opens one; or, when it is no matter and there is none to join, waits."""
        decided = self._thread(contact)
        if decided.ticket is None and self._may_wait(contact.understood):
            self.threaded[contact.key] = contact
            self._count(contact, "waiting")
        else:
            self._settle(contact, decided)

    def release(self, contact: ThreadedContact) -> None:
        """A contact that has waited long enough: what it says is all there is, unless somebody else's matter took it
        along."""
        if self.threaded[contact.key].ticket_id is None:
            self._settle(contact, self._thread(contact))

    def _settle(self, contact: ThreadedContact, decided: Thread) -> None:
        if decided.ticket is None:
            number = ticket_number(next(self._numbers), self._work.now)
            ticket, opened = open_ticket(contact.understood, number, self._work.now, decided.related)
            self._work.emit(opened, key=opened.ticket_id, cause=contact.prepared.cause)
            self._count(contact, "opened")
            self._put_to(ticket, contact, decided.rule)
        else:
            self._amend(decided.ticket, contact, decided.rule)
        if decided.ticket is None or contact.understood.understanding.remark is Remark.MATTER:
            # A list, because each that is taken along changes what is looked through; the ticket anew each time,
            # because the one before it has just amended it.
            for greeting in list(self._waiting_of(contact.understood)):
                self._amend(self._ticket_of(contact), greeting, JoinRule.PRELUDE)

    def _amend(self, ticket: Ticket, contact: ThreadedContact, rule: JoinRule) -> None:
        after, amended = amend_ticket(ticket, contact.understood, self._rules, self._work.now)
        self._work.emit(amended, key=amended.ticket_id, cause=contact.prepared.cause)
        self._count(contact, "amended")
        self._put_to(after, contact, rule)

    def _thread(self, contact: ThreadedContact) -> Thread:
        theirs = self._tickets.of_party(contact.understood)
        return thread(contact.understood, theirs, self._named(contact.prepared), self._windows, self._work.now)

    def _named(self, contact: PreparedContact) -> Named:
        name, reply = contact.received.in_reply_to, None
        if name is not None:
            # It may reply to a contact of this very batch, of which no table knows yet.
            earlier = self.threaded.get((contact.received.channel, name))
            of_channel = earlier.ticket_id if earlier else self._names.get((contact.received.channel, name))
            as_id = as_uuid(name)
            reply = self._tickets.get(of_channel or self._names.get((None, str(as_id) if as_id else name)))
        numbers = (self._tickets.get(self._names.get((None, number))) for number in contact.ticket_nos)
        return Named(reply, tuple(ticket for ticket in numbers if ticket is not None))

    def _may_wait(self, understood: UnderstoodContact) -> bool:
        no_matter = understood.understanding.remark is not Remark.MATTER
        return self._patient and no_matter and sum(1 for _ in self._waiting_of(understood)) < MOST_WAITING

    def _waiting_of(self, understood: UnderstoodContact) -> Iterator[ThreadedContact]:
        return (
            contact
            for contact in self.threaded.values()
            if contact.ticket_id is None and same_speaker(contact.understood, understood)
        )

    def _ticket_of(self, contact: ThreadedContact) -> Ticket:
        ticket = self._tickets.get(self.threaded[contact.key].ticket_id)
        assert ticket is not None
        return ticket

    def _put_to(self, ticket: Ticket, contact: ThreadedContact, rule: JoinRule) -> None:
        self._put(ticket)
        self.threaded[contact.key] = replace(contact, ticket_id=ticket.ticket_id, rule=rule)

    def _put(self, ticket: Ticket) -> None:
        self._tickets.put(ticket)
        self._touched.add(ticket.ticket_id)

    def _count(self, contact: ThreadedContact, effect: str) -> None:
        metrics.CONTACTS.labels(self._channels.label(contact.prepared.received.channel), effect).inc()
