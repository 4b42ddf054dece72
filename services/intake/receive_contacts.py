"""Contacts become tickets or amend them; what others did to those tickets is followed. One batch, one transaction."""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from uuid import UUID

from services.intake import reference_store, store
from services.intake.channels import Channels
from services.intake.domain.amend_ticket import amend_ticket
from services.intake.domain.follow_ticket import changes_more_than_tier, follow_ticket
from services.intake.domain.heard import Heard, main_order
from services.intake.domain.identity import Standing, recognise
from services.intake.domain.open_ticket import open_ticket
from services.intake.domain.open_tickets import OpenTickets
from services.intake.domain.threading import JoinRule, thread
from services.intake.domain.ticket import Ticket
from services.intake.understand_contact import Understood
from services.intake.understanding import ProblemTypes
from shared.bus.work import Work
from shared.contracts.contacts import ContactReceived
from shared.contracts.ids import as_uuid
from shared.contracts.ticket_numbers import ticket_number
from shared.contracts.tickets import TicketEvent
from shared.database.connection import Connection
from shared.telemetry import metrics


class ReceiveContacts:
    """The use case, with what it needs to know."""

    def __init__(self, rules: ProblemTypes, channels: Channels, window: timedelta) -> None:
        self._rules = rules
        self._channels = channels
        self._window = window

    async def __call__(self, received: Sequence[Understood], told: Sequence[TicketEvent], work: Work) -> None:
        """Handles contacts in order, after what was ``told`` about their tickets by others."""
        changed = await _changed_by_others(told, work)
        heard, joinable = await self._hear(received, work) if received else ([], set())
        if not heard and not changed:
            return
        replies = await _replies([one for _, one in heard], work)
        wanted = changed | joinable | set(replies.values())
        before = {ticket.ticket_id: ticket for ticket in await store.lock_tickets(work.connection, wanted)}
        fold = _Fold(before.values(), self._rules, self._channels, self._window, work)
        fold.follow(told)
        numbers = await store.next_numbers(work.connection, len(heard)) if heard else []
        for (one, hearing), number in zip(heard, numbers, strict=True):
            fold.contact(one, hearing, _named_ticket(one.contact, replies), number)
        await self._save(fold, before, work)

    async def _hear(
        self, received: Sequence[Understood], work: Work
    ) -> tuple[list[tuple[Understood, Heard]], set[UUID]]:
        """The contacts not handled before, with all that can be found out about them, and the tickets they may join.
        From here to the end of the transaction nobody else decides about the same people."""
        connection = work.connection
        arrived = self._each_once(received)
        senders = sorted({one.sender for one in arrived})
        owners = await reference_store.members_of_handles(connection, senders)
        standings = {one.key: self._recognise(one, owners.get(one.sender, [])) for one in arrived}
        members = sorted({one.member_id for one in standings.values() if one.member_id})
        await store.lock_parties(connection, members, senders)
        fresh = await _not_handled(arrived, self._channels, connection)
        if not fresh:
            return [], set()
        joinable = await store.tickets_of_parties(connection, members, senders)
        tiers = await reference_store.tiers(connection, members)
        orders = await reference_store.order_owners(connection, {no for one in fresh for no in one.said.order_nos})
        heard = []
        for one in fresh:
            standing = standings[one.key]
            order_no = main_order(one.said.order_nos, orders, standing.member_id)
            hearing = Heard(
                contact=one.contact,
                at=min(one.contact.received_at, work.now).astimezone(UTC),
                sender=one.sender,
                standing=standing,
                tier=tiers.get(standing.member_id or ""),
                said=one.said,
                order_no=order_no,
                order_owner=orders.get(order_no or ""),
            )
            heard.append((one, hearing))
        return heard, joinable

    def _each_once(self, received: Sequence[Understood]) -> list[Understood]:
        arrived: dict[store.ContactKey, Understood] = {}
        for one in received:
            if one.key in arrived:
                _count(self._channels.label(one.contact.channel), "repeated")
            arrived.setdefault(one.key, one)
        return list(arrived.values())

    def _recognise(self, one: Understood, members: Sequence[str]) -> Standing:
        return recognise(one.contact, members, self._channels.rules_of(one.contact.channel))

    async def _save(self, fold: "_Fold", before: dict[UUID, Ticket], work: Work) -> None:
        new = [ticket for ticket in fold.touched() if ticket.ticket_id not in before]
        changed = [ticket for ticket in fold.touched() if before.get(ticket.ticket_id, ticket) != ticket]
        if new:
            await store.insert_tickets(work.connection, new)
        if changed:
            await store.update_tickets(work.connection, changed)
        if fold.handled:
            kept = [_kept(*one) for one in fold.handled]
            await store.insert_contacts(work.connection, kept, work.now)


class _Fold:
    """The tickets of a batch while its records are applied to them, one after the other."""

    def __init__(
        self, tickets: Iterable[Ticket], rules: ProblemTypes, channels: Channels, window: timedelta, work: Work
    ) -> None:
        self.handled: list[tuple[Understood, Heard, UUID, JoinRule]] = []
        self._tickets = OpenTickets(tickets)
        self._rules = rules
        self._channels = channels
        self._window = window
        self._work = work
        self._touched: set[UUID] = set()
        self._ticket_of: dict[store.ContactKey, UUID] = {}

    def touched(self) -> list[Ticket]:
        """The tickets that were opened or changed, by id."""
        found = (self._tickets.get(ticket_id) for ticket_id in sorted(self._touched))
        return [ticket for ticket in found if ticket is not None]

    def follow(self, told: Sequence[TicketEvent]) -> None:
        """What others did. Tickets that are not ours are no matter."""
        for event in told:
            if ticket := self._tickets.get(as_uuid(event.ticket_id)):
                self._put(follow_ticket(ticket, event))

    def contact(self, one: Understood, heard: Heard, named: UUID | None, number: int) -> None:
        """One contact: joins a ticket or opens one. ``named``: the ticket it says it replies to."""
        contact = one.contact
        if named is None and contact.in_reply_to is not None:
            named = self._ticket_of.get((contact.channel, contact.in_reply_to))
        found = thread(heard, self._tickets.of_party(heard), self._tickets.get(named), self._window)
        now = self._work.now
        if found.ticket is None:
            ticket, opened = open_ticket(heard, ticket_number(number, now), now)
            self._work.emit(opened, key=opened.ticket_id, cause=one.record)
            _count(self._channels.label(contact.channel), "opened")
        else:
            ticket, amended = amend_ticket(found.ticket, heard, self._rules, now)
            self._work.emit(amended, key=amended.ticket_id, cause=one.record)
            _count(self._channels.label(contact.channel), "amended")
        self._put(ticket)
        self._ticket_of[contact.channel, contact.contact_id] = ticket.ticket_id
        self.handled.append((one, heard, ticket.ticket_id, found.rule))

    def _put(self, ticket: Ticket) -> None:
        self._tickets.put(ticket)
        self._touched.add(ticket.ticket_id)


async def _changed_by_others(told: Sequence[TicketEvent], work: Work) -> set[UUID]:
    """The tickets whose row what was told may change; most of what others do is no matter to intake."""
    named = [(ticket_id, event) for event in told if (ticket_id := as_uuid(event.ticket_id))]
    changed = {ticket_id for ticket_id, event in named if changes_more_than_tier(event)}
    rest = [(ticket_id, event.tier) for ticket_id, event in named if ticket_id not in changed]
    return changed | await store.tickets_with_other_tier(work.connection, rest) if rest else changed


async def _not_handled(arrived: Sequence[Understood], channels: Channels, connection: Connection) -> list[Understood]:
    known = await store.handled(connection, [one.key for one in arrived])
    for channel, _ in known:
        _count(channels.label(channel), "repeated")
    return [one for one in arrived if one.key not in known]


async def _replies(heard: Sequence[Heard], work: Work) -> dict[tuple[str | None, str], UUID]:
    names = [(one.contact.channel, one.contact.in_reply_to) for one in heard if one.contact.in_reply_to]
    return await store.replied_to(work.connection, names) if names else {}


def _named_ticket(contact: ContactReceived, replies: dict[tuple[str | None, str], UUID]) -> UUID | None:
    name = contact.in_reply_to
    if name is None:
        return None
    as_id = as_uuid(name)
    return replies.get((contact.channel, name)) or replies.get((None, str(as_id) if as_id else name))


def _kept(one: Understood, heard: Heard, ticket_id: UUID, rule: JoinRule) -> store.KeptContact:
    return store.KeptContact(
        channel=one.contact.channel,
        contact_id=one.contact.contact_id,
        ticket_id=ticket_id,
        rule=rule.value,
        identity=heard.standing.level,
        claimed_member_id=heard.standing.claimed_member_id,
        sender=one.sender,
        sender_sealed=one.sender_sealed,
        content_sealed=one.content_sealed,
        received_at=heard.at,
    )


def _count(channel: str, effect: str) -> None:
    metrics.CONTACTS.labels(channel, effect).inc()
