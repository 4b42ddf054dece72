"""Which of the facts a ticket lacks are still lacking after a further contact."""

from services.intake.domain.heard import Heard
from services.intake.domain.ticket import Ticket
from services.intake.understanding.extract import extract
from services.intake.understanding.missing import Known, missing
from services.intake.understanding.normalise import normalise
from services.intake.understanding.problem_types import ProblemTypes


def still_missing(ticket: Ticket, heard: Heard, rules: ProblemTypes) -> tuple[str, ...]:
    """The contact is judged by what the ticket's type requires, whatever type the contact itself looks like: an answer
    to "which account?" looks like nothing. A type that is no longer configured keeps what it lacked."""
    if not ticket.missing or ticket.problem_type not in rules.types:
        return ticket.missing
    contact, said = heard.contact, heard.said
    given = normalise(f"{contact.subject}\n{contact.text or ''}" if contact.subject else contact.text)
    facts = extract(given)
    known = Known(
        order_no=bool(said.order_nos),
        purchased_at=contact.purchased_at is not None or any(moment.at for moment in said.timeline),
        account=facts.names_account or bool(facts.phones),
        amount=bool(said.amounts),
        folded=given.folded,
    )
    lacking = missing(ticket.problem_type, known, rules)
    return tuple(fact for fact in ticket.missing if fact in lacking)
