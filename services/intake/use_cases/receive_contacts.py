"""Contacts become tickets or amend them; what others did to those tickets is followed. One unit of work, one
transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from services.intake.domain.follow_ticket import changes_more_than_tier
from services.intake.domain.heard import Heard
from services.intake.domain.identity import Standing, recognise
from services.intake.domain.orders import main_order
from services.intake.domain.received import believed
from services.intake.domain.threading import Windows
from services.intake.domain.ticket import Ticket
from services.intake.rules.channels import Channels
from services.intake.store import waiting_contacts
from services.intake.store.contacts import ContactKey, handled_before, insert_contacts
from services.intake.store.handles import members_of_handles
from services.intake.store.members import tiers_of
from services.intake.store.orders import orders_of
from services.intake.store.parties import lock_parties
from services.intake.store.tickets import (
    insert_tickets,
    lock_tickets,
    named_tickets,
    next_numbers,
    tickets_of_parties,
    tickets_with_other_tier,
    update_tickets,
)
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.use_cases.ticket_fold import Fold, Handled, Names, kept
from services.intake.use_cases.understand_contact import UnderstandContact, Understood
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.ids import as_uuid
from shared.contracts.tickets import TicketEvent
from shared.database.connection import Connection
from shared.security.sealing import DataKeyError
from shared.telemetry import metrics

UNREADABLE_AGAIN: Final = timedelta(minutes=1)
"""How soon what could not be opened is tried again."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what is over can be joined; how old a contact may claim to be; how long what is no matter waits for the
    one that follows."""

    windows: Windows
    oldest: timedelta
    greeting: timedelta


@dataclass(frozen=True, slots=True)
class _Hearing:
    """The contacts to decide about, those whose wait is over, those that wait, and the tickets they may join.
    ``addresses``: the blind indexes their addresses may be kept under -> as they are written now."""

    fresh: list[tuple[Understood, Heard]]
    due: list[tuple[Understood, Heard]]
    waiting: list[tuple[Understood, Heard]]
    joinable: set[UUID]
    addresses: Mapping[bytes, bytes]


_NOBODY = _Hearing([], [], [], set(), {})


class ReceiveContacts:
    """The use case, with what it needs to know."""

    def __init__(
        self, understand: UnderstandContact, rules: ProblemTypes, channels: Channels, patience: Patience
    ) -> None:
        self._understand = understand
        self._rules = rules
        self._channels = channels
        self._patience = patience

    async def __call__(self, received: Sequence[Understood], told: Sequence[TicketEvent], work: UnitOfWork) -> None:
        """Handles contacts in order, after what was ``told`` about their tickets by others."""
        await self._decide(received, told, [], work)

    async def hear_out(self, limit: int, work: UnitOfWork) -> int:
        """Contacts that waited for a matter in vain get tickets of their own. Returns how many were claimed."""
        claimed = await waiting_contacts.claim_waiting(work.connection, limit)
        if claimed:
            await self._decide([], [], await self._remembered(claimed, work), work)
        return len(claimed)

    async def _decide(
        self, received: Sequence[Understood], told: Sequence[TicketEvent], due: Sequence[Understood], work: UnitOfWork
    ) -> None:
        changed = await _changed_by_others(told, work)
        hearing = await self._hear(received, due, work) if received or due else _NOBODY
        count = len(hearing.fresh) + len(hearing.due)
        if not count and not changed:
            return
        names = await _names([one for one, _ in (*hearing.fresh, *hearing.due)], work.connection)
        wanted = changed | hearing.joinable | set(names.values())
        locked = await lock_tickets(work.connection, wanted)
        before = {one.ticket_id: replace(one, sender=hearing.addresses.get(one.sender, one.sender)) for one in locked}
        fold = Fold(
            before.values(),
            [*hearing.due, *hearing.waiting],
            names=names,
            numbers=await next_numbers(work.connection, count) if count else (),
            rules=self._rules,
            channels=self._channels,
            windows=self._patience.windows,
            patient=self._patience.greeting > timedelta(0),
            work=work,
        )
        fold.follow(told)
        for one, heard in hearing.fresh:
            fold.hear(one, heard)
        for one, heard in hearing.due:
            fold.hear_out(one, heard)
        await self._save(fold, before, hearing, work)

    async def _hear(self, received: Sequence[Understood], due: Sequence[Understood], work: UnitOfWork) -> _Hearing:
        """The contacts not handled before, with all that can be found out about them, what waits of the same people,
        and the tickets they may join. From here to the end of the transaction nobody else decides about them."""
        connection = work.connection
        arrived = self._each_once(received)
        standings = await self._recognise([*arrived, *due], connection)
        members = sorted({one.member_id for one in standings.values() if one.member_id})
        senders = sorted({sender for one in (*arrived, *due) for sender in one.senders})
        await lock_parties(connection, members, senders)
        fresh = await _not_handled(arrived, self._channels, connection)
        if not fresh and not due:
            return _NOBODY
        waits = await waiting_contacts.waiting_of_parties(connection, members, senders)
        waiting = [one for one in await self._remembered(waits, work) if one.key not in standings] if waits else []
        standings |= await self._recognise(waiting, connection) if waiting else {}
        closed_since = work.now - self._patience.windows.matter
        joinable = await tickets_of_parties(connection, members, senders, closed_since)
        tiers = await tiers_of(connection, members)
        everything = (*fresh, *due, *waiting)
        orders = await orders_of(connection, {no for one in everything for no in one.said.order_nos})

        def heard(one: Understood) -> tuple[Understood, Heard]:
            standing = standings[one.key]
            order_no, order_owner = main_order(one.said.order_nos, orders, standing.member_id)
            hearing = Heard(
                contact=one.contact,
                at=believed(one.contact.received_at, work.now, self._patience.oldest),
                sender=one.sender,
                standing=standing,
                tier=tiers.get(standing.member_id or ""),
                said=one.said,
                attachments=one.attachments,
                order_no=order_no,
                order_owner=order_owner,
            )
            return one, hearing

        addresses = {sender: one.sender for one in everything for sender in one.senders}
        return _Hearing([*map(heard, fresh)], [*map(heard, due)], [*map(heard, waiting)], joinable, addresses)

    def _each_once(self, received: Sequence[Understood]) -> list[Understood]:
        arrived: dict[ContactKey, Understood] = {}
        for one in received:
            if one.key in arrived:
                _count_repeated(self._channels.label(one.contact.channel))
            arrived.setdefault(one.key, one)
        return list(arrived.values())

    async def _recognise(self, contacts: Sequence[Understood], connection: Connection) -> dict[ContactKey, Standing]:
        senders = {sender for one in contacts for sender in one.senders}
        members_of = await members_of_handles(connection, sorted(senders))

        def standing(one: Understood) -> Standing:
            owners = {member_id for sender in one.senders for member_id in members_of.get(sender, ())}
            return recognise(one.contact, sorted(owners), self._channels.rules_of(one.contact.channel))

        return {one.key: standing(one) for one in contacts}

    async def _remembered(self, kept: Iterable[waiting_contacts.WaitingContact], work: UnitOfWork) -> list[Understood]:
        """Contacts as they came. One that cannot be opened goes on waiting, for its key to come back, and holds up
        nobody."""
        remembered, lost = [], []
        for one in kept:
            try:
                remembered.append(self._understand.again(one, work.now))
            except DataKeyError as error:
                log.error("waiting_contact.unreadable", channel=one.channel, error=str(error))
                lost.append((one.channel, one.contact_id))
        if lost:
            metrics.UNREADABLE_ROWS.labels("waiting_contact").inc(len(lost))
            await waiting_contacts.wait_longer(work.connection, lost, work.now + UNREADABLE_AGAIN)
        return remembered

    async def _save(self, fold: Fold, before: dict[UUID, Ticket], hearing: _Hearing, work: UnitOfWork) -> None:
        connection = work.connection
        new = [ticket for ticket in fold.touched() if ticket.ticket_id not in before]
        changed = [ticket for ticket in fold.touched() if before.get(ticket.ticket_id, ticket) != ticket]
        if new:
            await insert_tickets(connection, new)
        if changed:
            await update_tickets(connection, changed)
        fresh = [fold.handled[one.key] for one, _ in hearing.fresh]
        if fresh:
            await insert_contacts(connection, [kept(one) for one in fresh], work.now)
            waits = [_waiting(one) for one in fresh if one.ticket_id is None]
            await waiting_contacts.wait(connection, waits, work.now + self._patience.greeting)
        waited = (fold.handled[one.key] for one, _ in (*hearing.due, *hearing.waiting))
        await waiting_contacts.settle(
            connection, [(*one.one.key, one.ticket_id, one.rule.value) for one in waited if one.ticket_id is not None]
        )


async def _changed_by_others(told: Sequence[TicketEvent], work: UnitOfWork) -> set[UUID]:
    """The tickets whose row what was told may change; most of what others do is no matter to intake."""
    named = [(ticket_id, event) for event in told if (ticket_id := as_uuid(event.ticket_id))]
    changed = {ticket_id for ticket_id, event in named if changes_more_than_tier(event)}
    rest = [(ticket_id, event.tier) for ticket_id, event in named if ticket_id not in changed]
    return changed | await tickets_with_other_tier(work.connection, rest) if rest else changed


async def _not_handled(arrived: Sequence[Understood], channels: Channels, connection: Connection) -> list[Understood]:
    known = await handled_before(connection, [one.key for one in arrived]) if arrived else set()
    for channel, _ in known:
        _count_repeated(channels.label(channel))
    return [one for one in arrived if one.key not in known]


async def _names(contacts: Sequence[Understood], connection: Connection) -> Names:
    replies = [(one.contact.channel, one.contact.in_reply_to) for one in contacts if one.contact.in_reply_to]
    numbers = {number for one in contacts for number in one.ticket_nos}
    return await named_tickets(connection, replies, numbers) if replies or numbers else {}


def _waiting(one: Handled) -> tuple[str, str, str | None, bytes]:
    return *one.one.key, one.heard.standing.member_id, one.one.sender


def _count_repeated(channel: str) -> None:
    metrics.CONTACTS.labels(channel, "repeated").inc()
