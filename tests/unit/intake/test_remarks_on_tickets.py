"""Greetings, thanks and machine notes: where they go, and what they are there."""

from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain.open_tickets import OpenTickets
from services.intake.domain.threading import JoinRule, Named, Thread, thread
from services.intake.domain.ticket import Status, Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from shared.contracts.vocabulary import Remark
from tests.unit.intake.matters import NOW, WINDOW, WINDOWS, contact, ticket, understood

GREETING, COURTESY, AUTOMATIC, MATTER = Remark.GREETING, Remark.COURTESY, Remark.AUTOMATIC, Remark.MATTER
PICTURE = contact(attachments=[{"name": "shot.png"}])


def remark(which: Remark, **fields: Any) -> UnderstoodContact:
    return understood(problem_type="other", remark=which, **fields)


def decide(one: UnderstoodContact, *tickets: Ticket, reply: Ticket | None = None) -> Thread:
    return thread(one, OpenTickets(tickets).of_party(one), Named(reply), WINDOWS, NOW)


def over(status: Status = Status.RESOLVED, ago: timedelta = timedelta(hours=1)) -> Ticket:
    at = NOW - ago
    return ticket(status=status, last_contact_at=at, ended_at=at, closed_at=at if status is Status.CLOSED else None)


@pytest.mark.parametrize("which", [GREETING, COURTESY, AUTOMATIC])
def test_what_is_no_matter_joins_what_is_open(which: Remark) -> None:
    """However old, and whether or not it says what it is about; with nothing there it stays by itself."""
    going = ticket(last_contact_at=NOW - timedelta(days=5))
    assert decide(remark(which), going) == Thread(going, JoinRule.FOLLOW_UP)
    assert decide(remark(which)) == Thread(None, JoinRule.NEW)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
@pytest.mark.parametrize(("which", "joins"), [(GREETING, False), (COURTESY, True), (AUTOMATIC, True)])
def test_thanks_go_to_what_is_over_and_a_greeting_does_not(status: Status, which: Remark, joins: bool) -> None:
    """Thanks are kept with what they are for; a greeting wants somebody, and nobody looks there any more."""
    just_over, long_over = over(status), over(status, WINDOW + timedelta(seconds=1))
    assert (decide(remark(which), just_over).ticket == just_over) is joins
    assert (decide(remark(which), just_over, reply=just_over).ticket == just_over) is joins
    assert decide(remark(which), long_over).ticket is None


def test_thanks_are_for_what_happened_last() -> None:
    """Solved a minute ago, or spoken about an hour ago: they are for the solution."""
    going, solved = ticket(), over(ago=timedelta(minutes=1))
    assert decide(remark(COURTESY), going, solved).ticket == solved


@pytest.mark.parametrize(
    ("which", "status", "what"),
    [
        (GREETING, Status.OPEN, MATTER),
        (COURTESY, Status.OPEN, MATTER),
        (AUTOMATIC, Status.OPEN, AUTOMATIC),
        (COURTESY, Status.RESOLVED, COURTESY),
    ],
)
def test_a_picture_supplies_something_to_what_is_open(which: Remark, status: Status, what: Remark) -> None:
    """ "Here you are" with a screenshot is what was asked for; thanks with a logo below them, after the solution, are
    thanks."""
    assert remark(which, received=PICTURE).remark_on(ticket(status=status)) is what


@pytest.mark.parametrize("text", ["[图片]", "【截图】", "[Photo]"])
def test_the_sign_for_a_picture_is_a_picture(text: str) -> None:
    """Chats put a word in the place of what they cannot carry."""
    assert remark(GREETING, received=contact(text=text)).remark_on(ticket()) is MATTER
    assert remark(GREETING, received=contact(text="你好")).remark_on(ticket()) is GREETING
