"""A further contact about the same matter changes its ticket."""

from dataclasses import replace
from datetime import datetime

from services.intake.domain.heard import Heard
from services.intake.domain.identity import surer
from services.intake.domain.still_missing import still_missing
from services.intake.domain.ticket import Ticket
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.understanding.signals import most_urgent
from shared.contracts.tickets import TicketAmended
from shared.contracts.vocabulary import Proof, is_weaker


def amend_ticket(ticket: Ticket, heard: Heard, rules: ProblemTypes, now: datetime) -> tuple[Ticket, TicketAmended]:
    """The ticket after it, and the event: what the contact added, and what is known and missing now.

    Urgency and identity only rise, and so does the proof. A ticket nobody owned becomes the member's once they are
    recognised, as surely as they are. One that lacks its matter is about this contact's, when it tells one.
    """
    contact, said, standing = heard.contact, heard.said, heard.standing
    is_its_matter = ticket.lacks_matter and heard.tells_matter
    after = replace(
        ticket,
        problem_type=said.problem_type if is_its_matter else ticket.problem_type,
        lacks_matter=ticket.lacks_matter and not is_its_matter,
        member_id=ticket.member_id or standing.member_id,
        tier=heard.tier or ticket.tier,
        order_no=ticket.order_no or heard.order_no,
        missing=said.missing if is_its_matter else still_missing(ticket, heard, rules),
        urgency=most_urgent(ticket.urgency, said.urgency),
        identity=surer(ticket.identity, standing.level),
        proof=_proof_after(ticket, heard),
        last_contact_at=max(ticket.last_contact_at, heard.at),
    )
    event = TicketAmended(
        ticket_id=str(after.ticket_id),
        ticket_no=after.ticket_no,
        member_id=after.member_id,
        tier=after.tier,
        at=now,
        contact_id=contact.contact_id,
        channel=contact.channel,
        problem_type=said.problem_type if is_its_matter else None,
        candidates=said.candidates if is_its_matter else (),
        outcome=said.outcome if is_its_matter else None,
        complexity=said.complexity if is_its_matter else None,
        language=(contact.language or said.language) if is_its_matter else None,
        order_no=after.order_no,
        summary=said.summary_lacking(after.missing, rules.catalogue),
        timeline=said.timeline,
        anomaly=said.anomaly,
        amounts=said.amounts,
        missing=after.missing,
        signals=heard.signals,
        urgency=after.urgency,
        identity=after.identity,
        identity_proof=standing.proof,
        less_proven=is_weaker(standing.proof, after.proof),
        attachments=heard.attachments,
        remark=heard.remark_on(ticket),
        received_at=heard.at,
    )
    return after, event


def _proof_after(ticket: Ticket, heard: Heard) -> Proof:
    given = heard.standing.proof
    newly_theirs = ticket.member_id is None and heard.standing.member_id is not None
    return given if newly_theirs or is_weaker(ticket.proof, given) else ticket.proof
