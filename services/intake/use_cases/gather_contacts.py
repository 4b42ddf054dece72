"""Before contacts are decided on: who is speaking, which of them are new, what waits of the same people, and the
tickets they may join. From here to the end of the transaction nobody else decides about these people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from services.intake.domain.identity import Identification, recognise
from services.intake.domain.orders import main_order
from services.intake.domain.received import believed
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.rules.channels import Channels
from services.intake.store import waiting_contacts
from services.intake.store.contacts import ContactKey, handled_before
from services.intake.store.handles import members_of_handles
from services.intake.store.members import tiers_of
from services.intake.store.orders import orders_of
from services.intake.store.parties import lock_parties
from services.intake.store.tickets import tickets_of_parties
from services.intake.use_cases.threaded_contact import ThreadedContact
from services.intake.use_cases.understand_contact import PreparedContact, UnderstandContact
from shared.bus.unit_of_work import UnitOfWork
from shared.database.connection import Connection
from shared.security.sealing import DataKeyError
from shared.telemetry import metrics

UNREADABLE_AGAIN: Final = timedelta(minutes=1)
"""How soon what could not be opened is tried again."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Gathered:
    """The contacts to decide about, those whose wait is over, those that wait, and the tickets they may join.
    ``addresses``: the blind indexes their addresses may be kept under -> as they are written now."""

    fresh: Sequence[ThreadedContact] = ()
    due: Sequence[ThreadedContact] = ()
    waiting: Sequence[ThreadedContact] = ()
    joinable: frozenset[UUID] = frozenset()
    addresses: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def to_decide(self) -> list[ThreadedContact]:
        """Those that a ticket may be opened for."""
        return [*self.fresh, *self.due]


class GatherContacts:
    """The first half of the use case: ``closed_within``, how long what is closed can be joined; ``oldest``, how old a
    contact may claim to be."""

    def __init__(
        self, understand: UnderstandContact, channels: Channels, closed_within: timedelta, oldest: timedelta
    ) -> None:
        self._understand = understand
        self._channels = channels
        self._closed_within = closed_within
        self._oldest = oldest

    async def __call__(
        self, received: Sequence[PreparedContact], due: Sequence[PreparedContact], work: UnitOfWork
    ) -> Gathered:
        """All there is to know before deciding. ``due``: contacts whose wait is over, claimed by this transaction."""
        connection = work.connection
        arrived = self._each_once(received)
        identified = await self._recognise([*arrived, *due], connection)
        members = sorted({who.member_id for who in identified.values() if who.member_id})
        # Every index an address may be kept under: while keys are replaced, two replicas may lock it by different ones.
        senders = sorted({sender for contact in (*arrived, *due) for sender in contact.senders})
        await lock_parties(connection, members, senders)
        # Only now: whoever held the lock may have handled the same contacts a moment ago.
        fresh = await self._not_handled(arrived, connection)
        if not fresh and not due:
            return Gathered()
        waits = await waiting_contacts.waiting_of_parties(connection, members, senders)
        # What is due was claimed by this very transaction, which skips no rows of its own: it would come twice.
        waiting = [contact for contact in await self.reopened(waits, work) if contact.key not in identified]
        identified |= await self._recognise(waiting, connection) if waiting else {}
        joinable = await tickets_of_parties(connection, members, senders, work.now - self._closed_within)
        tiers = await tiers_of(connection, members)
        everything = (*fresh, *due, *waiting)
        order_nos = {order_no for contact in everything for order_no in contact.understanding.order_nos}
        orders = await orders_of(connection, order_nos)

        def threaded(contact: PreparedContact) -> ThreadedContact:
            who = identified[contact.key]
            order_no, order_owner = main_order(contact.understanding.order_nos, orders, who.member_id)
            understood = UnderstoodContact(
                received=contact.received,
                at=believed(contact.received.received_at, work.now, self._oldest),
                sender=contact.sender,
                identification=who,
                tier=tiers.get(who.member_id or ""),
                understanding=contact.understanding,
                attachments=contact.attachments,
                order_no=order_no,
                order_owner=order_owner,
            )
            return ThreadedContact(contact, understood)

        return Gathered(
            fresh=[*map(threaded, fresh)],
            due=[*map(threaded, due)],
            waiting=[*map(threaded, waiting)],
            joinable=frozenset(joinable),
            addresses={sender: contact.sender for contact in everything for sender in contact.senders},
        )

    async def reopened(
        self, kept: Iterable[waiting_contacts.WaitingContact], work: UnitOfWork
    ) -> list[PreparedContact]:
        """Contacts as they came. One that cannot be opened goes on waiting, for its key to come back, and holds up
        nobody."""
        opened, lost = [], []
        for row in kept:
            try:
                opened.append(self._understand.again(row, work.now))
            except DataKeyError as error:
                log.error("waiting_contact.unreadable", channel=row.channel, error=str(error))
                lost.append((row.channel, row.contact_id))
        if lost:
            metrics.UNREADABLE_ROWS.labels("waiting_contact").inc(len(lost))
            await waiting_contacts.wait_longer(work.connection, lost, work.now + UNREADABLE_AGAIN)
        return opened

    def _each_once(self, received: Sequence[PreparedContact]) -> list[PreparedContact]:
        arrived: dict[ContactKey, PreparedContact] = {}
        for contact in received:
            if arrived.setdefault(contact.key, contact) is not contact:
                self._count_repeated(contact.received.channel)
        return list(arrived.values())

    async def _recognise(
        self, contacts: Sequence[PreparedContact], connection: Connection
    ) -> dict[ContactKey, Identification]:
        senders = {sender for contact in contacts for sender in contact.senders}
        members_of = await members_of_handles(connection, sorted(senders))

        def identify(contact: PreparedContact) -> Identification:
            owners = {member_id for sender in contact.senders for member_id in members_of.get(sender, ())}
            return recognise(contact.received, sorted(owners), self._channels.rules_of(contact.received.channel))

        return {contact.key: identify(contact) for contact in contacts}

    async def _not_handled(self, arrived: Sequence[PreparedContact], connection: Connection) -> list[PreparedContact]:
        known = await handled_before(connection, [contact.key for contact in arrived]) if arrived else set()
        for channel, _ in known:
            self._count_repeated(channel)
        return [contact for contact in arrived if contact.key not in known]

    def _count_repeated(self, channel: str) -> None:
        metrics.CONTACTS.labels(self._channels.label(channel), "repeated").inc()
