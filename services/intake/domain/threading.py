"""Which open ticket a contact belongs to, and by which rule. No ticket: it is a new matter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.intake.domain.open_tickets import within_reach
from services.intake.domain.orders import same_order
from services.intake.domain.ticket import Status, Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from shared.contracts.vocabulary import ProblemType, Remark, Urgency

ORDER_NO: Final = "order_no"
"""How ``missing`` names the order number."""


class JoinRule(StrEnum):
    """Why a contact joined a ticket, or did not. Kept with every contact."""

    REPLY = "reply"
    NAMED = "named"
    SAME_ORDER = "same_order"
    MISSING_ORDER = "missing_order"
    SAME_PROBLEM = "same_problem"
    MATTER = "matter"
    FOLLOW_UP = "follow_up"
    PRELUDE = "prelude"
    WAITING = "waiting"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Windows:
    """How long what is over can still be joined: ``matter`` by what sounds like the same, from its end or its latest
    contact; ``reply`` by a contact that names the ticket, from its closing. What is open can be joined as it is."""

    matter: timedelta
    reply: timedelta


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket a contact belongs to, None for a new one, and the rule that decided. ``related``: the ticket a new one
    was spoken about with."""

    ticket: Ticket | None
    rule: JoinRule
    related: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """The tickets a contact names: the one it replies to, and those whose numbers stand in its words."""

    reply: Ticket | None = None
    numbers: tuple[Ticket, ...] = ()


def thread(
    contact: UnderstoodContact, theirs: Sequence[Ticket], named: Named, windows: Windows, now: datetime
) -> Thread:
    """Decides. ``theirs``: the tickets of the same party that may be joined, latest first.

    Rules, first that fits: it replies to the ticket · it names the ticket's number · it names the ticket's order · it
    brings the order number the ticket lacks · it is the same problem · it tells what an open ticket is about, of which
    nobody has said so yet · it says nothing of its own. Problem and nothing reach an open ticket, or one that is over
    since less than the window. A ticket about another order than those the contact
    names never fits. What reports danger belongs to no ticket about something harmless, however it was sent. What is no
    matter joins what it replies to, or what was spoken about last.
    """
    joinable = [ticket for ticket in theirs if ticket.may_be_joined(now, windows.matter)]
    if contact.understanding.remark is not Remark.MATTER:
        return _beside(contact, joinable, named, windows, now)
    decided = _by_name(contact, named, windows, now) or _by_matter(contact, joinable, windows)
    if decided.ticket is None or not _is_graver(contact, decided.ticket):
        return decided
    # It may still belong to a ticket about the same danger, or to one that has no matter yet.
    grave = [ticket for ticket in joinable if not _is_graver(contact, ticket)]
    return replace(_by_matter(contact, grave, windows), related=decided.ticket)


def _by_name(contact: UnderstoodContact, named: Named, windows: Windows, now: datetime) -> Thread | None:
    if named.reply is not None and _may_join(named.reply, contact, windows, now):
        return Thread(named.reply, JoinRule.REPLY)
    for ticket in named.numbers:
        if _may_join(ticket, contact, windows, now):
            return Thread(ticket, JoinRule.NAMED)
    return None


def _beside(
    contact: UnderstoodContact, theirs: Sequence[Ticket], named: Named, windows: Windows, now: datetime
) -> Thread:
    """Thanks and machine notes go to what is open or just over, and change nothing there. A greeting wants somebody: it
    goes to what is open, and lies unread nowhere else."""
    greets = contact.understanding.remark is Remark.GREETING
    by_name = _by_name(contact, named, windows, now)
    if by_name is not None and by_name.ticket is not None and (by_name.ticket.status is Status.OPEN or not greets):
        return by_name
    near = [ticket for ticket in theirs if ticket.status is Status.OPEN or not greets]
    near = [ticket for ticket in near if _is_at_hand(ticket, contact, windows)]
    latest = max(near, key=lambda ticket: (ticket.latest_at, ticket.ticket_id), default=None)
    return Thread(latest, JoinRule.NEW if latest is None else JoinRule.FOLLOW_UP)


def _by_matter(contact: UnderstoodContact, theirs: Sequence[Ticket], windows: Windows) -> Thread:
    about_it = [ticket for ticket in theirs if contact.names_order(ticket.order_no)]
    if about_it:
        # A contact that names several orders may fit a ticket for each; the order it is mainly about says which.
        main = next((ticket for ticket in about_it if same_order(ticket.order_no, contact.order_no)), about_it[0])
        return Thread(main, JoinRule.SAME_ORDER)
    possible = [ticket for ticket in theirs if not _other_order(ticket, contact)]
    for ticket in possible:
        if _brings_order(ticket, contact):
            return Thread(ticket, JoinRule.MISSING_ORDER)
    recent = [ticket for ticket in possible if _is_at_hand(ticket, contact, windows)]
    for ticket in recent:
        if ticket.problem_type == contact.understanding.problem_type:
            return Thread(ticket, JoinRule.SAME_PROBLEM)
    for ticket in possible:
        if ticket.lacks_matter and ticket.status is Status.OPEN and contact.tells_matter:
            return Thread(ticket, JoinRule.MATTER)
    if recent and _says_nothing_new(contact):
        return Thread(recent[0], JoinRule.FOLLOW_UP)
    return Thread(None, JoinRule.NEW)


def _is_at_hand(ticket: Ticket, contact: UnderstoodContact, windows: Windows) -> bool:
    """An open ticket is, however long its member was patient: they waited as they were promised."""
    return ticket.status is Status.OPEN or abs(contact.at - ticket.latest_at) <= windows.matter


def _may_join(ticket: Ticket, contact: UnderstoodContact, windows: Windows, now: datetime) -> bool:
    reachable = ticket.may_be_joined(now, windows.reply) and within_reach(ticket, contact)
    return reachable and not _other_order(ticket, contact)


def _other_order(ticket: Ticket, contact: UnderstoodContact) -> bool:
    return (
        bool(contact.understanding.order_nos)
        and ticket.order_no is not None
        and not contact.names_order(ticket.order_no)
    )


def _brings_order(ticket: Ticket, contact: UnderstoodContact) -> bool:
    lacking = ticket.order_no is None and ORDER_NO in ticket.missing
    fitting = contact.understanding.problem_type in (ticket.problem_type, ProblemType.OTHER)
    return lacking and fitting and bool(contact.understanding.order_nos)


def _says_nothing_new(contact: UnderstoodContact) -> bool:
    """ "Still waiting", "thank you", "are you there". A cry for help without a known type is a matter of its own."""
    understanding = contact.understanding
    return (
        understanding.problem_type == ProblemType.OTHER
        and not understanding.order_nos
        and understanding.urgency != Urgency.CRITICAL
    )


def _is_graver(contact: UnderstoodContact, ticket: Ticket) -> bool:
    """Whether it reports danger and the ticket is about something harmless: queue and promise hang on the type. A
    ticket that lacks its matter takes its type from the danger."""
    harmless = ticket.urgency != Urgency.CRITICAL and ticket.problem_type != contact.understanding.problem_type
    return contact.reports_danger and harmless and not ticket.lacks_matter
