"""Which of the facts a ticket lacks are still lacking after a further contact."""

from services.intake.domain.heard import Heard
from services.intake.domain.ticket import Ticket
from services.intake.understanding.extract import extract
from services.intake.understanding.missing import known_facts, missing
from services.intake.understanding.normalise import normalise, with_subject
from services.intake.understanding.problem_types import ProblemTypes


def still_missing(ticket: Ticket, heard: Heard, rules: ProblemTypes) -> tuple[str, ...]:
    """The contact is judged by what the ticket's type requires, whatever type the contact itself looks like: an answer
    to "which account?" looks like nothing. A type that is no longer configured keeps what it lacked."""
    if not ticket.missing or ticket.problem_type not in rules.types:
        return ticket.missing
    contact, said = heard.contact, heard.said
    given = normalise(with_subject(contact.subject, contact.text))
    known = known_facts(
        given, extract(given), order_nos=said.order_nos, timeline=said.timeline, purchased_at=contact.purchased_at
    )
    lacking = missing(ticket.problem_type, known, rules)
    return tuple(fact for fact in ticket.missing if fact in lacking)
