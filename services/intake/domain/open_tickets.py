"""The tickets a batch may amend, found by whose they are. Grows while the batch opens new ones."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.intake.domain.ticket import Status, Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from shared.contracts.vocabulary import is_weaker


class OpenTickets:
    """Tickets by id and by party.

    A party is a member; or, where no member is known, the address that wrote. A speaker who is not recognised never
    reaches a member's ticket, whatever they know or claim. A recognised one also reaches what they wrote from the same
    address before they were.
    """

    def __init__(self, tickets: Iterable[Ticket] = ()) -> None:
        self._by_id: dict[UUID, Ticket] = {}
        self._of_member: dict[str, set[UUID]] = {}
        self._of_sender: dict[bytes, set[UUID]] = {}
        for ticket in tickets:
            self.put(ticket)

    def put(self, ticket: Ticket) -> None:
        """Adds a ticket, or replaces what was known of it."""
        self._by_id[ticket.ticket_id] = ticket
        # It may go on standing under its address after its member became known; `same_party` judges each anew.
        if ticket.member_id is not None:
            self._of_member.setdefault(ticket.member_id, set()).add(ticket.ticket_id)
        else:
            self._of_sender.setdefault(ticket.sender, set()).add(ticket.ticket_id)

    def get(self, ticket_id: UUID | None) -> Ticket | None:
        """The ticket as it is now."""
        return self._by_id.get(ticket_id) if ticket_id is not None else None

    def of_party(self, contact: UnderstoodContact) -> list[Ticket]:
        """The tickets of whoever is speaking, those that are not closed first, the latest spoken about first."""
        ids: set[UUID] = set()
        if contact.identification.member_id is not None:
            ids |= self._of_member.get(contact.identification.member_id, set())
        if contact.identification.member_id is None or contact.sender_is_address:
            ids |= self._of_sender.get(contact.sender, set())
        known = [self._by_id[ticket_id] for ticket_id in ids]
        theirs = [ticket for ticket in known if ticket.status is not Status.MERGED and within_reach(ticket, contact)]
        return sorted(theirs, key=_latest, reverse=True)


def _latest(ticket: Ticket) -> tuple[bool, datetime, UUID]:
    return ticket.status is not Status.CLOSED, ticket.last_contact_at, ticket.ticket_id


def within_reach(ticket: Ticket, contact: UnderstoodContact) -> bool:
    """Whether the ticket belongs to whoever is speaking, and may be joined by somebody so surely proven.

    What is over would not be taken up again for somebody less proven than who spoke before: their words would lie there
    unread. They get a ticket of their own.
    """
    lies_still = ticket.status is not Status.OPEN and is_weaker(contact.identification.proof, ticket.proof)
    return same_party(ticket, contact) and not lies_still


def same_speaker(before: UnderstoodContact, contact: UnderstoodContact) -> bool:
    """Whether an earlier contact came from whoever is speaking, as surely as a ticket it opened would be theirs."""
    member = contact.identification.member_id
    if before.identification.member_id is not None:
        return before.identification.member_id == member
    return before.sender == contact.sender and (member is None or contact.sender_is_address)


def same_party(ticket: Ticket, contact: UnderstoodContact) -> bool:
    """Whether the ticket belongs to whoever is speaking."""
    member = contact.identification.member_id
    if ticket.member_id is not None:
        return ticket.member_id == member
    return ticket.sender == contact.sender and (member is None or contact.sender_is_address)
