"""A contact about a new matter becomes a ticket."""

from datetime import datetime
from uuid import UUID

from services.intake.domain.ticket import Status, Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from shared.contracts.ids import derived_id, name_of
from shared.contracts.tickets import TicketOpened
from shared.contracts.vocabulary import Remark, Tier


def ticket_id_of(contact: UnderstoodContact) -> UUID:
    """The id of the ticket a contact opens: equal however often the contact comes."""
    return derived_id(name_of(contact.received.channel, contact.received.contact_id), "ticket", contact.at)


def open_ticket(
    contact: UnderstoodContact, ticket_no: str, now: datetime, related: Ticket | None = None
) -> tuple[Ticket, TicketOpened]:
    """The new ticket, and the event that says so. ``related``: the ticket it was spoken about with."""
    received, understanding, identification = contact.received, contact.understanding, contact.identification
    ticket = Ticket(
        ticket_id=ticket_id_of(contact),
        ticket_no=ticket_no,
        member_id=identification.member_id,
        sender=contact.sender,
        tier=contact.tier or Tier.STANDARD.value,
        problem_type=understanding.problem_type,
        order_no=contact.order_no,
        missing=understanding.missing,
        urgency=understanding.urgency,
        identity=identification.level,
        proof=identification.proof,
        status=Status.OPEN,
        merged_into=None,
        opened_at=now,
        last_contact_at=contact.at,
        lacks_matter=understanding.remark is not Remark.MATTER,
    )
    event = TicketOpened(
        ticket_id=str(ticket.ticket_id),
        ticket_no=ticket_no,
        member_id=ticket.member_id,
        tier=ticket.tier,
        at=now,
        channel=received.channel,
        contact_id=received.contact_id,
        problem_type=understanding.problem_type,
        candidates=understanding.candidates,
        outcome=understanding.outcome,
        complexity=understanding.complexity,
        urgency=understanding.urgency,
        order_no=contact.order_no,
        summary=understanding.summary,
        timeline=understanding.timeline,
        anomaly=understanding.anomaly,
        amounts=understanding.amounts,
        missing=understanding.missing,
        signals=contact.signals,
        identity=identification.level,
        identity_proof=identification.proof,
        language=received.language or understanding.language,
        attachments=contact.attachments,
        received_at=contact.at,
        related_ticket_id=str(related.ticket_id) if related is not None else None,
    )
    return ticket, event
