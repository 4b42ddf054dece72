"""A further contact about the same matter changes its ticket."""

from dataclasses import replace
from datetime import datetime

from services.intake.domain.identity import stronger
from services.intake.domain.ticket import Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.understanding.missing import missing
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.understanding.signals import most_urgent
from shared.contracts.tickets import TicketAmended
from shared.contracts.vocabulary import Proof, is_weaker


def amend_ticket(
    ticket: Ticket, contact: UnderstoodContact, rules: ProblemTypes, now: datetime
) -> tuple[Ticket, TicketAmended]:
    """The ticket after it, and the event: what the contact added, and what is known and missing now.

    Urgency and identity only rise, and so does the proof. A ticket nobody owned becomes the member's once they are
    recognised, as surely as they are. One that lacks its matter is about this contact's, when it tells one.
    """
    received, understanding, identification = contact.received, contact.understanding, contact.identification
    is_its_matter = ticket.lacks_matter and contact.tells_matter
    after = replace(
        ticket,
        problem_type=understanding.problem_type if is_its_matter else ticket.problem_type,
        lacks_matter=ticket.lacks_matter and not is_its_matter,
        member_id=ticket.member_id or identification.member_id,
        tier=contact.tier or ticket.tier,
        order_no=ticket.order_no or contact.order_no,
        missing=understanding.missing if is_its_matter else _still_missing(ticket, contact, rules),
        urgency=most_urgent(ticket.urgency, understanding.urgency),
        identity=stronger(ticket.identity, identification.level),
        proof=_proof_after(ticket, contact),
        last_contact_at=max(ticket.last_contact_at, contact.at),
    )
    event = TicketAmended(
        ticket_id=str(after.ticket_id),
        ticket_no=after.ticket_no,
        member_id=after.member_id,
        tier=after.tier,
        at=now,
        contact_id=received.contact_id,
        channel=received.channel,
        problem_type=understanding.problem_type if is_its_matter else None,
        candidates=understanding.candidates if is_its_matter else (),
        outcome=understanding.outcome if is_its_matter else None,
        complexity=understanding.complexity if is_its_matter else None,
        language=(received.language or understanding.language) if is_its_matter else None,
        order_no=after.order_no,
        # What this contact leaves out an earlier one may have said, so the summary asks only for what the ticket lacks.
        summary=understanding.summary_lacking(after.missing, rules.catalogue),
        timeline=understanding.timeline,
        anomaly=understanding.anomaly,
        amounts=understanding.amounts,
        missing=after.missing,
        signals=contact.signals,
        urgency=after.urgency,
        identity=after.identity,
        identity_proof=identification.proof,
        less_proven=is_weaker(identification.proof, after.proof),
        attachments=contact.attachments,
        remark=contact.remark_on(ticket),
        received_at=contact.at,
    )
    return after, event


def _proof_after(ticket: Ticket, contact: UnderstoodContact) -> Proof:
    given = contact.identification.proof
    newly_theirs = ticket.member_id is None and contact.identification.member_id is not None
    return given if newly_theirs or is_weaker(ticket.proof, given) else ticket.proof


def _still_missing(ticket: Ticket, contact: UnderstoodContact, rules: ProblemTypes) -> tuple[str, ...]:
    """The contact is judged by what the ticket's type requires, whatever type the contact itself looks like: an answer
    to "which account?" looks like nothing. A type that is no longer configured keeps what it lacked."""
    if not ticket.missing or ticket.problem_type not in rules.types:
        return ticket.missing
    # Only what was lacking before can be lacking now: what somebody gave once is not asked for again.
    lacking = missing(ticket.problem_type, contact.understanding.known, rules)
    return tuple(fact for fact in ticket.missing if fact in lacking)
