"""A contact about a new matter becomes a ticket."""

from datetime import datetime
from uuid import UUID

from services.intake.domain.heard import Heard
from services.intake.domain.ticket import Status, Ticket
from shared.contracts.ids import derived_id, name_of
from shared.contracts.tickets import TicketOpened
from shared.contracts.vocabulary import Remark, Tier


def ticket_id_of(heard: Heard) -> UUID:
    """The id of the ticket a contact opens: equal however often the contact is told."""
    return derived_id(name_of(heard.contact.channel, heard.contact.contact_id), "ticket", heard.at)


def open_ticket(
    heard: Heard, ticket_no: str, now: datetime, related: Ticket | None = None
) -> tuple[Ticket, TicketOpened]:
    """The new ticket, and the event that says so. ``related``: the ticket it was spoken about with."""
    contact, said, standing = heard.contact, heard.said, heard.standing
    ticket = Ticket(
        ticket_id=ticket_id_of(heard),
        ticket_no=ticket_no,
        member_id=standing.member_id,
        sender=heard.sender,
        tier=heard.tier or Tier.STANDARD.value,
        problem_type=said.problem_type,
        order_no=heard.order_no,
        missing=said.missing,
        urgency=said.urgency,
        identity=standing.level,
        proof=standing.proof,
        status=Status.OPEN,
        merged_into=None,
        opened_at=now,
        last_contact_at=heard.at,
        lacks_matter=said.remark is not Remark.MATTER,
    )
    event = TicketOpened(
        ticket_id=str(ticket.ticket_id),
        ticket_no=ticket_no,
        member_id=ticket.member_id,
        tier=ticket.tier,
        at=now,
        channel=contact.channel,
        contact_id=contact.contact_id,
        problem_type=said.problem_type,
        candidates=said.candidates,
        outcome=said.outcome,
        complexity=said.complexity,
        urgency=said.urgency,
        order_no=heard.order_no,
        summary=said.summary,
        timeline=said.timeline,
        anomaly=said.anomaly,
        amounts=said.amounts,
        missing=said.missing,
        signals=heard.signals,
        identity=standing.level,
        identity_proof=standing.proof,
        language=contact.language or said.language,
        attachments=heard.attachments,
        received_at=heard.at,
        related_ticket_id=str(related.ticket_id) if related is not None else None,
    )
    return ticket, event
