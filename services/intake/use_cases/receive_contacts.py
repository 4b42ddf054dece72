"""Contacts become tickets or amend them; what others did to those tickets is followed. One unit of work, one
transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.intake.domain.follow_ticket import changes_more_than_tier
from services.intake.domain.threading import Windows
from services.intake.domain.ticket import Ticket
from services.intake.rules.channels import Channels
from services.intake.store import waiting_contacts
from services.intake.store.contacts import insert_contacts
from services.intake.store.tickets import (
    insert_tickets,
    lock_tickets,
    named_tickets,
    next_numbers,
    tickets_with_other_tier,
    update_tickets,
)
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.use_cases.gather_contacts import GatherContacts, Gathered
from services.intake.use_cases.threaded_contact import ThreadedContact
from services.intake.use_cases.ticket_fold import Names, TicketFold, TicketNews
from services.intake.use_cases.understand_contact import PreparedContact, UnderstandContact
from shared.bus.unit_of_work import UnitOfWork
from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what is over can be joined; how old a contact may claim to be; how long what is no matter waits for the
    one that follows."""

    windows: Windows
    oldest: timedelta
    greeting: timedelta


class ReceiveContacts:
    """The use case, with what it needs to know."""

    def __init__(
        self, understand: UnderstandContact, rules: ProblemTypes, channels: Channels, patience: Patience
    ) -> None:
        self._gather = GatherContacts(understand, channels, patience.windows.matter, patience.oldest)
        self._rules = rules
        self._channels = channels
        self._patience = patience

    async def __call__(
        self, received: Sequence[PreparedContact], ticket_events: Sequence[TicketNews], work: UnitOfWork
    ) -> None:
        """Handles contacts in order, after what others did to their tickets."""
        changed = await _changed_by_others(ticket_events, work)
        gathered = await self._gather(received, (), work) if received else Gathered()
        if gathered.to_decide or changed:
            await self._decide(gathered, ticket_events, changed, work)

    async def release_waiting(self, limit: int, work: UnitOfWork) -> int:
        """Contacts that waited for a matter in vain get tickets of their own. Returns how many were claimed."""
        claimed = await waiting_contacts.claim_waiting(work.connection, limit)
        due = await self._gather.reopened(claimed, work)
        if due:
            await self._decide(await self._gather((), due, work), (), set(), work)
        return len(claimed)

    async def _decide(
        self, gathered: Gathered, ticket_events: Sequence[TicketNews], changed: set[UUID], work: UnitOfWork
    ) -> None:
        to_decide = gathered.to_decide
        names = await _names([contact.prepared for contact in to_decide], work.connection)
        locked = await lock_tickets(work.connection, changed | gathered.joinable | set(names.values()))
        # While keys are replaced a ticket may still be kept under an older index of the address that opened it; the
        # fold compares addresses, so here they are all written alike.
        before = {
            ticket.ticket_id: replace(ticket, sender=gathered.addresses.get(ticket.sender, ticket.sender))
            for ticket in locked
        }
        fold = TicketFold(
            before.values(),
            [*gathered.due, *gathered.waiting],
            names=names,
            # One each, whether it is needed or not: a gap in the numbers costs nothing, a round trip a ticket would.
            numbers=await next_numbers(work.connection, len(to_decide)) if to_decide else (),
            rules=self._rules,
            channels=self._channels,
            windows=self._patience.windows,
            patient=self._patience.greeting > timedelta(0),
            work=work,
        )
        # What others did comes first, also what stands behind a contact in this batch: they decided on a ticket
        # without knowing of the contact, and it has to find that ticket as it is.
        fold.follow(ticket_events)
        for contact in gathered.fresh:
            fold.receive(contact)
        for contact in gathered.due:
            fold.release(contact)
        await self._save(fold, before, gathered, work)

    async def _save(self, fold: TicketFold, before: dict[UUID, Ticket], gathered: Gathered, work: UnitOfWork) -> None:
        connection = work.connection
        new = [ticket for ticket in fold.touched() if ticket.ticket_id not in before]
        changed = [ticket for ticket in fold.touched() if before.get(ticket.ticket_id, ticket) != ticket]
        if new:
            await insert_tickets(connection, new)
        if changed:
            await update_tickets(connection, changed)
        fresh = [fold.threaded[contact.key] for contact in gathered.fresh]
        if fresh:
            await insert_contacts(connection, [contact.as_kept() for contact in fresh], work.now)
            # A contact that waits is kept, too, so that a repeat of it is known; only its ticket is still to come.
            waits = [_waiting(contact) for contact in fresh if contact.ticket_id is None]
            await waiting_contacts.wait(connection, waits, work.now + self._patience.greeting)
        waited = (fold.threaded[contact.key] for contact in (*gathered.due, *gathered.waiting))
        await waiting_contacts.settle(
            connection,
            [
                (*contact.key, contact.ticket_id, contact.rule.value)
                for contact in waited
                if contact.ticket_id is not None
            ],
        )


async def _changed_by_others(ticket_events: Sequence[TicketNews], work: UnitOfWork) -> set[UUID]:
    """The tickets whose row these events may change; most of what others do is no matter to intake."""
    changed = {ticket_id for ticket_id, event in ticket_events if changes_more_than_tier(event)}
    rest = [(ticket_id, event.tier) for ticket_id, event in ticket_events if ticket_id not in changed]
    # Every event carries the tier, and it is nearly always the one we have: asking is cheaper than locking them all.
    return changed | await tickets_with_other_tier(work.connection, rest) if rest else changed


async def _names(contacts: Sequence[PreparedContact], connection: Connection) -> Names:
    replies = [(each.received.channel, each.received.in_reply_to) for each in contacts if each.received.in_reply_to]
    numbers = {number for each in contacts for number in each.ticket_nos}
    return await named_tickets(connection, replies, numbers) if replies or numbers else {}


def _waiting(contact: ThreadedContact) -> tuple[str, str, str | None, bytes]:
    return *contact.key, contact.understood.identification.member_id, contact.prepared.sender
