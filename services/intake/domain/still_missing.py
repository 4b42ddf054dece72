"""Which of the facts a ticket lacks are still lacking after a further contact."""

from services.intake.domain.ticket import Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.understanding.missing import missing
from services.intake.understanding.problem_types import ProblemTypes


def still_missing(ticket: Ticket, understood: UnderstoodContact, rules: ProblemTypes) -> tuple[str, ...]:
    """The contact is judged by what the ticket's type requires, whatever type the contact itself looks like: an answer
    to "which account?" looks like nothing. A type that is no longer configured keeps what it lacked."""
    if not ticket.missing or ticket.problem_type not in rules.types:
        return ticket.missing
    lacking = missing(ticket.problem_type, understood.understanding.known, rules)
    return tuple(fact for fact in ticket.missing if fact in lacking)
