"""Which open ticket a contact belongs to, and by which rule. No ticket: it is a new matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from services.intake.domain.heard import Heard
from services.intake.domain.open_tickets import within_reach
from services.intake.domain.ticket import Ticket
from shared.contracts.vocabulary import ProblemType, Urgency

ORDER_NO: Final = "order_no"
"""How ``missing`` names the order number."""


class JoinRule(StrEnum):
    """Why a contact joined a ticket, or did not. Kept with every contact."""

    REPLY = "reply"
    SAME_ORDER = "same_order"
    MISSING_ORDER = "missing_order"
    SAME_PROBLEM = "same_problem"
    FOLLOW_UP = "follow_up"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket a contact belongs to, None for a new one, and the rule that decided."""

    ticket: Ticket | None
    rule: JoinRule


def thread(heard: Heard, theirs: Sequence[Ticket], replied_to: Ticket | None, window: timedelta) -> Thread:
    """Decides. ``theirs``: the amendable tickets of the same party, latest first; ``replied_to``: what the contact
    says it answers; ``window``: how long after a ticket's latest contact the same problem is the same matter.

    Rules, first that fits: it replies to the ticket · it names the ticket's order · it brings the order number the
    ticket lacks · it is the same problem within the window · it says nothing of its own within the window.
    A ticket about another order than those the contact names never fits.
    """
    if replied_to is not None and _may_join(replied_to, heard):
        return Thread(replied_to, JoinRule.REPLY)
    about_it = [ticket for ticket in theirs if ticket.order_no is not None and ticket.order_no in heard.said.order_nos]
    if about_it:
        return Thread(
            next((one for one in about_it if one.order_no == heard.order_no), about_it[0]), JoinRule.SAME_ORDER
        )
    possible = [ticket for ticket in theirs if not _other_order(ticket, heard)]
    for ticket in possible:
        if _brings_order(ticket, heard):
            return Thread(ticket, JoinRule.MISSING_ORDER)
    recent = [ticket for ticket in possible if abs(heard.at - ticket.last_contact_at) <= window]
    for ticket in recent:
        if ticket.problem_type == heard.said.problem_type:
            return Thread(ticket, JoinRule.SAME_PROBLEM)
    if recent and _says_nothing_new(heard):
        return Thread(recent[0], JoinRule.FOLLOW_UP)
    return Thread(None, JoinRule.NEW)


def _may_join(ticket: Ticket, heard: Heard) -> bool:
    return ticket.amendable and within_reach(ticket, heard) and not _other_order(ticket, heard)


def _other_order(ticket: Ticket, heard: Heard) -> bool:
    named = heard.said.order_nos
    return bool(named) and ticket.order_no is not None and ticket.order_no not in named


def _brings_order(ticket: Ticket, heard: Heard) -> bool:
    lacking = ticket.order_no is None and ORDER_NO in ticket.missing
    fitting = heard.said.problem_type in (ticket.problem_type, ProblemType.OTHER)
    return lacking and fitting and bool(heard.said.order_nos)


def _says_nothing_new(heard: Heard) -> bool:
    """ "Still waiting", "thank you", "are you there". A cry for help without a known type is a matter of its own."""
    said = heard.said
    return said.problem_type == ProblemType.OTHER and not said.order_nos and said.urgency != Urgency.CRITICAL
