"""The tickets of a unit of work while contacts are applied to them, one after the other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.intake.domain.amend_ticket import amend_ticket
from services.intake.domain.follow_ticket import follow_ticket
from services.intake.domain.heard import Heard
from services.intake.domain.open_ticket import open_ticket
from services.intake.domain.open_tickets import OpenTickets, same_speaker
from services.intake.domain.threading import JoinRule, Named, Thread, Windows, thread
from services.intake.domain.ticket import Ticket
from services.intake.rules.channels import Channels
from services.intake.store.contacts import KeptContact
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.use_cases.understand_contact import Understood
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.ids import as_uuid
from shared.contracts.ticket_numbers import ticket_number
from shared.contracts.tickets import TicketEvent
from shared.contracts.vocabulary import Remark
from shared.telemetry import metrics

MOST_WAITING: Final = 20
"""So many greetings of one party wait for its matter; who sends more is not greeting, and gets a ticket at once."""

Names = Mapping[tuple[str | None, str], UUID]
"""The tickets that contacts name, by channel and contact, or by number or id under no channel."""


@dataclass(frozen=True, slots=True)
class Handled:
    """A contact, the ticket it was put to (None: it waits), and the rule that decided."""

    one: Understood
    heard: Heard
    ticket_id: UUID | None
    rule: JoinRule


class Fold:
    """Holds the tickets as they stand now, and what became of each contact in ``handled``.

    ``waiting``: what waited for a matter before. ``numbers``: enough of them for every contact to open a ticket.
    """

    def __init__(
        self,
        tickets: Iterable[Ticket],
        waiting: Sequence[tuple[Understood, Heard]],
        *,
        names: Names,
        numbers: Iterable[int],
        rules: ProblemTypes,
        channels: Channels,
        windows: Windows,
        patient: bool,
        work: UnitOfWork,
    ) -> None:
        self.handled = {one.key: Handled(one, heard, None, JoinRule.WAITING) for one, heard in waiting}
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
        found = (self._tickets.get(ticket_id) for ticket_id in sorted(self._touched))
        return [ticket for ticket in found if ticket is not None]

    def follow(self, told: Sequence[TicketEvent]) -> None:
        """What others did. Tickets that are not ours are no matter."""
        for event in told:
            if ticket := self._tickets.get(as_uuid(event.ticket_id)):
                self._put(follow_ticket(ticket, event))

    def hear(self, one: Understood, heard: Heard) -> None:
        """One contact: joins a ticket or opens one; or, when it is no matter and there is none to join, waits."""
        found = self._thread(one, heard)
        if found.ticket is None and self._may_wait(heard):
            self.handled[one.key] = Handled(one, heard, None, JoinRule.WAITING)
            _count(self._channels.label(one.contact.channel), "waiting")
        else:
            self._settle(one, heard, found)

    def hear_out(self, one: Understood, heard: Heard) -> None:
        """A contact that has waited long enough: what it said is all there is, unless somebody else's matter took it
        along."""
        if self.handled[one.key].ticket_id is None:
            self._settle(one, heard, self._thread(one, heard))

    def _settle(self, one: Understood, heard: Heard, found: Thread) -> None:
        if found.ticket is None:
            number = ticket_number(next(self._numbers), self._work.now)
            ticket, opened = open_ticket(heard, number, self._work.now, found.related)
            self._work.emit(opened, key=opened.ticket_id, cause=one.cause)
            _count(self._channels.label(one.contact.channel), "opened")
            self._put_to(ticket, one, heard, found.rule)
        else:
            self._amend(found.ticket, one, heard, found.rule)
        if found.ticket is None or heard.said.remark is Remark.MATTER:
            for before in list(self._waiting_of(heard)):
                self._amend(self._now(one), before.one, before.heard, JoinRule.PRELUDE)

    def _amend(self, ticket: Ticket, one: Understood, heard: Heard, rule: JoinRule) -> None:
        after, amended = amend_ticket(ticket, heard, self._rules, self._work.now)
        self._work.emit(amended, key=amended.ticket_id, cause=one.cause)
        _count(self._channels.label(one.contact.channel), "amended")
        self._put_to(after, one, heard, rule)

    def _thread(self, one: Understood, heard: Heard) -> Thread:
        theirs = self._tickets.of_party(heard)
        return thread(heard, theirs, self._named(one), self._windows, self._work.now)

    def _named(self, one: Understood) -> Named:
        name, reply = one.contact.in_reply_to, None
        if name is not None:
            earlier = self.handled.get((one.contact.channel, name))
            of_channel = earlier.ticket_id if earlier else self._names.get((one.contact.channel, name))
            as_id = as_uuid(name)
            reply = self._tickets.get(of_channel or self._names.get((None, str(as_id) if as_id else name)))
        numbers = (self._tickets.get(self._names.get((None, number))) for number in one.ticket_nos)
        return Named(reply, tuple(ticket for ticket in numbers if ticket is not None))

    def _may_wait(self, heard: Heard) -> bool:
        no_matter = heard.said.remark is not Remark.MATTER
        return self._patient and no_matter and sum(1 for _ in self._waiting_of(heard)) < MOST_WAITING

    def _waiting_of(self, heard: Heard) -> Iterator[Handled]:
        return (one for one in self.handled.values() if one.ticket_id is None and same_speaker(one.heard, heard))

    def _now(self, one: Understood) -> Ticket:
        ticket = self._tickets.get(self.handled[one.key].ticket_id)
        assert ticket is not None
        return ticket

    def _put_to(self, ticket: Ticket, one: Understood, heard: Heard, rule: JoinRule) -> None:
        self._put(ticket)
        self.handled[one.key] = Handled(one, heard, ticket.ticket_id, rule)

    def _put(self, ticket: Ticket) -> None:
        self._tickets.put(ticket)
        self._touched.add(ticket.ticket_id)


def kept(handled: Handled) -> KeptContact:
    """The contact as it is kept."""
    return KeptContact(
        channel=handled.one.contact.channel,
        contact_id=handled.one.contact.contact_id,
        ticket_id=handled.ticket_id,
        rule=handled.rule.value,
        identity=handled.heard.standing.level,
        claimed_member_id=handled.heard.standing.claimed_member_id,
        sender=handled.one.sender,
        sender_sealed=handled.one.sender_sealed,
        content_sealed=handled.one.content_sealed,
        received_at=handled.heard.at,
    )


def _count(channel: str, effect: str) -> None:
    metrics.CONTACTS.labels(channel, effect).inc()
