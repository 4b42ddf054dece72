"""Which ticket a contact belongs to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.domain.heard import Heard
from services.intake.domain.identity import Standing
from services.intake.domain.open_tickets import OpenTickets
from services.intake.domain.threading import JoinRule, Thread, thread
from services.intake.domain.ticket import Status, Ticket
from shared.contracts.vocabulary import Identity, Urgency
from tests.unit.intake.matters import ALICE, BOB, NOW, STRANGER, WINDOW, contact, heard, ticket

CLAIMED = Standing(Identity.CLAIMED, None, "alice")


def decide(one: Heard, *tickets: Ticket, replied_to: Ticket | None = None) -> Thread:
    """The decision over these tickets, whoever they belong to."""
    return thread(one, OpenTickets(tickets).of_party(one), replied_to, WINDOW)


def test_the_same_order_of_the_same_member_is_the_same_matter() -> None:
    """However long ago and whatever it looks like, a member's order has one open ticket."""
    old = ticket(order_no="K1", problem_type="refund", last_contact_at=NOW - timedelta(days=30))
    assert decide(heard(orders=("K1",)), old) == Thread(old, JoinRule.SAME_ORDER)


def test_another_order_is_another_matter() -> None:
    """The same problem with a different order opens its own ticket."""
    assert decide(heard(orders=("K2",)), ticket(order_no="K1")) == Thread(None, JoinRule.NEW)


def test_of_several_orders_the_one_it_is_about_decides() -> None:
    """A contact that names two orders joins the ticket of its main one, else that of the other."""
    first, second = ticket(order_no="K1"), ticket(order_no="K2", last_contact_at=NOW)
    assert decide(heard(orders=("K1", "K2")), first, second).ticket == first
    assert decide(heard(orders=("K9", "K2")), first, second).ticket == second


def test_the_same_order_of_a_stranger_is_not_the_members_ticket() -> None:
    """Knowing an order number opens nobody's ticket."""
    hers = ticket("alice", order_no="K1", sender=b"phone-b")
    for standing in (STRANGER, CLAIMED, BOB):
        assert decide(heard(standing, orders=("K1",)), hers, replied_to=hers) == Thread(None, JoinRule.NEW)


def test_an_unbelieved_member_id_reaches_no_ticket_of_that_member() -> None:
    """Even when the ticket was opened under the same name, a claim does not lead into it."""
    chat = contact(sender={"kind": "member", "value": "alice"})
    hers = ticket("alice", sender=b"member-alice")
    assert decide(heard(CLAIMED, contact=chat, sender=b"member-alice"), hers, replied_to=hers).ticket is None


def test_a_member_is_not_led_into_what_somebody_claimed_in_their_name() -> None:
    """A ticket opened by saying to be Alice stays apart from what Alice says."""
    impostors = ticket(None, sender=b"member-alice", identity=Identity.CLAIMED)
    chat = contact(sender={"kind": "member", "value": "alice"})
    assert decide(heard(ALICE, contact=chat, sender=b"member-alice"), impostors).ticket is None


def test_a_stranger_goes_on_from_the_same_address() -> None:
    """Where no member is known, the address is the party."""
    theirs = ticket(None, order_no="K1")
    assert decide(heard(STRANGER, orders=("K1",)), theirs) == Thread(theirs, JoinRule.SAME_ORDER)
    assert decide(heard(STRANGER, orders=("K1",), sender=b"phone-b"), theirs).ticket is None


def test_a_stranger_who_becomes_known_keeps_their_ticket() -> None:
    """Once the address is a member's verified one, what was written from it before is theirs."""
    before = ticket(None)
    assert decide(heard(ALICE), before) == Thread(before, JoinRule.SAME_PROBLEM)


def test_a_member_is_one_party_on_every_channel() -> None:
    """Another address of the same member leads to the same ticket."""
    hers = ticket("alice", sender=b"phone-b")
    assert decide(heard(ALICE, sender=b"mail-c"), hers) == Thread(hers, JoinRule.SAME_PROBLEM)


@pytest.mark.parametrize(
    ("age", "rule"),
    [(WINDOW, JoinRule.SAME_PROBLEM), (WINDOW + timedelta(seconds=1), JoinRule.NEW), (-WINDOW, JoinRule.SAME_PROBLEM)],
)
def test_the_same_problem_is_one_matter_within_the_window(age: timedelta, rule: JoinRule) -> None:
    """The window counts from the ticket's latest contact and includes its end, also for contacts told late."""
    assert decide(heard(), ticket(last_contact_at=NOW - age)).rule is rule


def test_another_problem_is_another_matter() -> None:
    """Without an order number, the problem tells matters apart."""
    assert decide(heard(problem_type="refund"), ticket()) == Thread(None, JoinRule.NEW)


def test_an_order_number_that_was_missing_joins_whenever_it_comes() -> None:
    """A bare order number, days later, is the answer to the ticket that lacks one."""
    lacking = ticket(missing=("order_no",), last_contact_at=NOW - timedelta(days=9))
    for problem_type in ("other", "topup_not_arrived"):
        brings = heard(orders=("K1",), problem_type=problem_type)
        assert decide(brings, lacking) == Thread(lacking, JoinRule.MISSING_ORDER)
    assert decide(heard(orders=("K1",), problem_type="cardkey_invalid"), lacking).rule is JoinRule.NEW


def test_the_latest_of_two_tickets_that_lack_an_order_gets_it() -> None:
    """The question asked last is the one being answered."""
    earlier = ticket(missing=("order_no",), last_contact_at=NOW - timedelta(hours=3))
    later = ticket(missing=("order_no",), last_contact_at=NOW - timedelta(hours=2))
    assert decide(heard(orders=("K1",), problem_type="other"), earlier, later).ticket == later


def test_a_reply_joins_what_it_replies_to() -> None:
    """An answer to a message belongs to that message's ticket, whatever it looks like and however late."""
    old = ticket(problem_type="refund", last_contact_at=NOW - timedelta(days=9))
    newer = ticket()
    assert decide(heard(), old, newer, replied_to=old) == Thread(old, JoinRule.REPLY)


def test_a_reply_about_another_order_is_a_new_matter() -> None:
    """Different orders are different tickets, also in one e-mail thread."""
    about_k1 = ticket(order_no="K1")
    assert decide(heard(orders=("K2",)), about_k1, replied_to=about_k1).rule is JoinRule.NEW


def test_what_says_nothing_new_follows_the_latest_ticket() -> None:
    """ "Still waiting" belongs to what was spoken about last; a cry for help does not."""
    refund, topup = ticket(problem_type="refund"), ticket(last_contact_at=NOW)
    waiting = heard(problem_type="other")
    assert decide(waiting, refund, topup) == Thread(topup, JoinRule.FOLLOW_UP)
    assert decide(waiting, ticket(last_contact_at=NOW - timedelta(days=2))).rule is JoinRule.NEW
    assert decide(heard(problem_type="other", urgency=Urgency.CRITICAL), topup).rule is JoinRule.NEW


@pytest.mark.parametrize("status", [Status.CLOSED, Status.MERGED])
def test_an_ended_ticket_is_never_amended(status: Status) -> None:
    """A contact after the end opens a new ticket, also as a reply."""
    ended = ticket(order_no="K1", status=status)
    assert decide(heard(orders=("K1",)), ended, replied_to=ended) == Thread(None, JoinRule.NEW)


def test_a_resolved_ticket_is_amended() -> None:
    """Whoever writes again about a resolved matter reaches it; routing decides to reopen."""
    resolved = ticket(order_no="K1", status=Status.RESOLVED)
    assert decide(heard(orders=("K1",)), resolved).ticket == resolved


def test_a_ticket_that_got_its_owner_is_found_as_theirs_only() -> None:
    """After a stranger's ticket became a member's, the address alone no longer leads to it."""
    tickets = OpenTickets([one := ticket(None)])
    tickets.put(owned := replace(one, member_id="alice"))
    assert tickets.of_party(heard(ALICE, sender=b"mail-c")) == [owned]
    assert tickets.of_party(heard(STRANGER)) == []
