"""Which of the facts a ticket lacks are still lacking after a further contact."""

from services.intake.domain.ticket import Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.understanding.missing import missing
from services.intake.understanding.problem_types import ProblemTypes


def still_missing(ticket: Ticket, contact: UnderstoodContact, rules: ProblemTypes) -> tuple[str, ...]:
    """The contact is judged by what the ticket's type requires, whatever type the contact itself looks like: an answer
    to "which account?" looks like nothing. A type that is no longer configured keeps what it lacked."""
    if not ticket.missing or ticket.problem_type not in rules.types:
        return ticket.missing
    # Only what was lacking before can be lacking now: what somebody gave once is not asked for again.
    lacking = missing(ticket.problem_type, contact.understanding.known, rules)
    return tuple(fact for fact in ticket.missing if fact in lacking)
