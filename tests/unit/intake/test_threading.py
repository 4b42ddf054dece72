"""Which ticket a contact belongs to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain.amend_ticket import amend_ticket
from services.intake.domain.identity import Identification
from services.intake.domain.open_tickets import OpenTickets
from services.intake.domain.threading import JoinRule, Named, Thread, thread
from services.intake.domain.ticket import Status, Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from shared.contracts.vocabulary import Identity, Outcome, Urgency
from tests.shipped import problem_types
from tests.unit.intake.matters import (
    ALICE,
    BOB,
    NOW,
    REPLIES,
    STRANGER,
    WINDOW,
    WINDOWS,
    contact,
    ticket,
    understood,
    words,
)

SECOND = timedelta(seconds=1)
CLAIMED = Identification(Identity.CLAIMED, None, "alice")


def decide(
    one: UnderstoodContact, *tickets: Ticket, replied_to: Ticket | None = None, numbered: tuple[Ticket, ...] = ()
) -> Thread:
    """The decision over these tickets, whoever they belong to."""
    return thread(one, OpenTickets(tickets).of_party(one), Named(replied_to, numbered), WINDOWS, NOW)


def test_the_same_order_of_the_same_member_is_the_same_matter() -> None:
    """However long ago and whatever it looks like, a member's order has one open ticket."""
    old = ticket(order_no="K1", problem_type="refund", last_contact_at=NOW - timedelta(days=30))
    assert decide(understood(orders=("K1",)), old) == Thread(old, JoinRule.SAME_ORDER)


def test_another_order_is_another_matter() -> None:
    """The same problem with a different order opens its own ticket."""
    assert decide(understood(orders=("K2",)), ticket(order_no="K1")) == Thread(None, JoinRule.NEW)


def test_of_several_orders_the_one_it_is_about_decides() -> None:
    """A contact that names two orders joins the ticket of its main one, else that of the other."""
    first, second = ticket(order_no="K1"), ticket(order_no="K2", last_contact_at=NOW)
    assert decide(understood(orders=("K1", "K2")), first, second).ticket == first
    assert decide(understood(orders=("K9", "K2")), first, second).ticket == second


def test_the_same_order_of_a_stranger_is_not_the_members_ticket() -> None:
    """Knowing an order number opens nobody's ticket."""
    hers = ticket("alice", order_no="K1", sender=b"phone-b")
    for identification in (STRANGER, CLAIMED, BOB):
        assert decide(understood(identification, orders=("K1",)), hers, replied_to=hers) == Thread(None, JoinRule.NEW)


def test_an_unbelieved_member_id_reaches_no_ticket_of_that_member() -> None:
    """Even when the ticket was opened under the same name, a claim does not lead into it."""
    chat = contact(sender={"kind": "member", "value": "alice"})
    hers = ticket("alice", sender=b"member-alice")
    assert decide(understood(CLAIMED, received=chat, sender=b"member-alice"), hers, replied_to=hers).ticket is None


def test_a_member_is_not_led_into_what_somebody_claimed_in_their_name() -> None:
    """A ticket opened by saying to be Alice stays apart from what Alice says."""
    impostors = ticket(None, sender=b"member-alice", identity=Identity.CLAIMED)
    chat = contact(sender={"kind": "member", "value": "alice"})
    assert decide(understood(ALICE, received=chat, sender=b"member-alice"), impostors).ticket is None


def test_a_stranger_goes_on_from_the_same_address() -> None:
    """Where no member is known, the address is the party."""
    theirs = ticket(None, order_no="K1")
    assert decide(understood(STRANGER, orders=("K1",)), theirs) == Thread(theirs, JoinRule.SAME_ORDER)
    assert decide(understood(STRANGER, orders=("K1",), sender=b"phone-b"), theirs).ticket is None


def test_a_stranger_who_becomes_known_keeps_their_ticket() -> None:
    """Once the address is a member's verified one, what was written from it before is theirs."""
    before = ticket(None)
    assert decide(understood(ALICE), before) == Thread(before, JoinRule.SAME_PROBLEM)


def test_a_member_is_one_party_on_every_channel() -> None:
    """Another address of the same member leads to the same ticket."""
    hers = ticket("alice", sender=b"phone-b")
    assert decide(understood(ALICE, sender=b"mail-c"), hers) == Thread(hers, JoinRule.SAME_PROBLEM)


@pytest.mark.parametrize(
    ("age", "rule"),
    [(WINDOW, JoinRule.SAME_PROBLEM), (WINDOW + timedelta(seconds=1), JoinRule.NEW), (-WINDOW, JoinRule.SAME_PROBLEM)],
)
def test_the_same_problem_is_one_matter_within_the_window(age: timedelta, rule: JoinRule) -> None:
    """The window counts from a solved ticket's latest contact and includes its end, also for contacts told late."""
    solved = ticket(status=Status.RESOLVED, last_contact_at=NOW - age, ended_at=NOW - 3 * WINDOW)
    assert decide(understood(), solved).rule is rule


def test_an_open_ticket_can_be_joined_as_long_as_it_is_open() -> None:
    """Who waited as long as they were promised, and asks again, asks about the same thing."""
    patient = ticket(last_contact_at=NOW - timedelta(days=30))
    assert decide(understood(), patient) == Thread(patient, JoinRule.SAME_PROBLEM)
    assert decide(understood(problem_type="other"), patient) == Thread(patient, JoinRule.FOLLOW_UP)


@pytest.mark.parametrize(
    "matter",
    [
        {"problem_type": "topup_not_arrived"},
        {"problem_type": "refund", "orders": ("K1",)},
        {"problem_type": "account_security", "urgency": Urgency.CRITICAL, "signals": ("account_at_risk",)},
        {"problem_type": "other", "urgency": Urgency.CRITICAL, "signals": ("self_harm",)},
        {"problem_type": "other", "outcome": Outcome.ACT},
        {"problem_type": "other", "orders": ("K1",)},
    ],
)
def test_a_ticket_that_lacks_its_matter_takes_the_first(matter: dict[str, Any]) -> None:
    """Whatever it is, and on whatever channel of the member."""
    greeted = ticket(problem_type="other", lacks_matter=True, last_contact_at=NOW - timedelta(days=3))
    one = understood(ALICE, sender=b"mail-c", **matter)
    assert decide(one, greeted).ticket == greeted
    assert decide(understood(BOB, sender=b"phone-b", **matter), greeted).ticket is None


def test_what_says_nothing_is_no_matter() -> None:
    """Who calls again, or says what nobody understands, leaves the ticket waiting for what it is about."""
    greeted = ticket(problem_type="other", lacks_matter=True)
    for text in ("在吗", "人呢?", "我想问你一下那个东西"):
        one = understood(understanding=words(text))
        assert decide(one, greeted).ticket == greeted
        assert amend_ticket(greeted, one, problem_types(), NOW)[0].lacks_matter


def test_a_ticket_that_knows_its_matter_takes_no_other() -> None:
    """A second matter is a ticket of its own, and so is one that comes when the greeting was dealt with."""
    greeted = ticket(problem_type="other", lacks_matter=True)
    told, _ = amend_ticket(greeted, understood(), problem_types(), NOW)
    assert not told.lacks_matter
    assert decide(understood(problem_type="refund"), told).rule is JoinRule.NEW
    for status in (Status.RESOLVED, Status.CLOSED):
        over = replace(greeted, status=status, ended_at=NOW, closed_at=NOW)
        assert decide(understood(), over).rule is JoinRule.NEW


def test_a_matter_goes_to_the_ticket_it_is_of_before_one_that_lacks_any() -> None:
    """Its order or its problem leads it, where there is a ticket about them."""
    greeted = ticket(problem_type="other", lacks_matter=True, last_contact_at=NOW)
    about_it = ticket(order_no="K1", problem_type="refund")
    assert decide(understood(orders=("K1",)), greeted, about_it).ticket == about_it
    assert decide(understood(problem_type="refund"), greeted, about_it).ticket == about_it


def test_who_objects_to_a_solution_is_heard_however_long_it_took() -> None:
    """The window of a ticket that was long open begins when it ended."""
    solved = ticket(status=Status.RESOLVED, last_contact_at=NOW - timedelta(days=30), ended_at=NOW - WINDOW)
    assert decide(understood(), solved) == Thread(solved, JoinRule.SAME_PROBLEM)


def test_another_problem_is_another_matter() -> None:
    """Without an order number, the problem tells matters apart."""
    assert decide(understood(problem_type="refund"), ticket()) == Thread(None, JoinRule.NEW)


def test_an_order_number_that_was_missing_joins_whenever_it_comes() -> None:
    """A bare order number, days later, is the answer to the ticket that lacks one."""
    lacking = ticket(missing=("order_no",), last_contact_at=NOW - timedelta(days=9))
    for problem_type in ("other", "topup_not_arrived"):
        brings = understood(orders=("K1",), problem_type=problem_type)
        assert decide(brings, lacking) == Thread(lacking, JoinRule.MISSING_ORDER)
    assert decide(understood(orders=("K1",), problem_type="cardkey_invalid"), lacking).rule is JoinRule.NEW


def test_the_latest_of_two_tickets_that_lack_an_order_gets_it() -> None:
    """The question asked last is the one being answered."""
    earlier = ticket(missing=("order_no",), last_contact_at=NOW - timedelta(hours=3))
    later = ticket(missing=("order_no",), last_contact_at=NOW - timedelta(hours=2))
    assert decide(understood(orders=("K1",), problem_type="other"), earlier, later).ticket == later


def test_a_reply_joins_what_it_replies_to() -> None:
    """An answer to a message belongs to that message's ticket, whatever it looks like and however late."""
    old = ticket(problem_type="refund", last_contact_at=NOW - timedelta(days=9))
    newer = ticket()
    assert decide(understood(), old, newer, replied_to=old) == Thread(old, JoinRule.REPLY)


def test_a_reply_about_another_order_is_a_new_matter() -> None:
    """Different orders are different tickets, also in one e-mail thread."""
    about_k1 = ticket(order_no="K1")
    assert decide(understood(orders=("K2",)), about_k1, replied_to=about_k1).rule is JoinRule.NEW


def test_what_says_nothing_new_follows_the_latest_ticket() -> None:
    """ "Still waiting" belongs to what was spoken about last; a cry for help does not."""
    refund, topup = ticket(problem_type="refund"), ticket(last_contact_at=NOW)
    waiting = understood(problem_type="other")
    assert decide(waiting, refund, topup) == Thread(topup, JoinRule.FOLLOW_UP)
    long_over = ticket(
        status=Status.RESOLVED, last_contact_at=NOW - timedelta(days=2), ended_at=NOW - timedelta(days=2)
    )
    assert decide(waiting, long_over).rule is JoinRule.NEW
    assert decide(understood(problem_type="other", urgency=Urgency.CRITICAL), topup).rule is JoinRule.NEW


def closed(ago: timedelta, **fields: Any) -> Ticket:
    """A ticket that was closed so long ago."""
    return ticket(status=Status.CLOSED, ended_at=NOW - ago, closed_at=NOW - ago, last_contact_at=NOW - ago, **fields)


@pytest.mark.parametrize(("ago", "rule"), [(REPLIES, JoinRule.REPLY), (REPLIES + SECOND, JoinRule.NEW)])
def test_a_reply_reaches_a_ticket_as_long_as_it_may_be_reopened(ago: timedelta, rule: JoinRule) -> None:
    """Two weeks after it was closed an answer to it is still an answer to it; later it is a new matter."""
    assert decide(understood(), replied_to=closed(ago)).rule is rule


@pytest.mark.parametrize(("ago", "rule"), [(WINDOW, JoinRule.SAME_ORDER), (WINDOW + SECOND, JoinRule.NEW)])
def test_the_same_order_reaches_a_closed_ticket_within_the_window(ago: timedelta, rule: JoinRule) -> None:
    """Closed a moment ago it is the same matter; long ago, another one about the same order."""
    assert decide(understood(orders=("K1",)), closed(ago, order_no="K1")).rule is rule


def test_what_is_open_goes_before_what_is_closed() -> None:
    """Of two tickets that fit, the one that somebody works on."""
    going, over = ticket(last_contact_at=NOW - timedelta(hours=9)), closed(timedelta(hours=1))
    assert decide(understood(), going, over).ticket == going


def test_a_merged_ticket_is_never_joined() -> None:
    """It goes on elsewhere."""
    merged = ticket(order_no="K1", status=Status.MERGED)
    assert decide(understood(orders=("K1",)), merged, replied_to=merged, numbered=(merged,)) == Thread(
        None, JoinRule.NEW
    )


@pytest.mark.parametrize(("one", "other"), [("KM20261120", "km20261120"), ("Km20261120x", "kM20261120X")])
def test_an_order_is_the_same_in_small_letters(one: str, other: str) -> None:
    """Telephones write km for KM."""
    hers = ticket(order_no=one, problem_type="refund")
    assert decide(understood(orders=(other,)), hers) == Thread(hers, JoinRule.SAME_ORDER)
    assert decide(understood(orders=(other,)), hers, replied_to=hers).rule is JoinRule.REPLY


def test_a_number_in_the_words_leads_to_its_ticket() -> None:
    """Who names a ticket's number means it, whatever was spoken about later; a stranger gets no further by it."""
    named, latest = ticket(problem_type="refund", last_contact_at=NOW - timedelta(days=9)), ticket()
    assert decide(understood(), named, latest, numbered=(named,)) == Thread(named, JoinRule.NAMED)
    assert decide(understood(BOB, sender=b"mail-b"), numbered=(named,)).rule is JoinRule.NEW
    assert decide(understood(), named, latest, replied_to=latest, numbered=(named,)).rule is JoinRule.REPLY


@pytest.mark.parametrize("signal", ["account_at_risk", "fraud_suspected"])
def test_danger_is_a_matter_of_its_own(signal: str) -> None:
    """A theft reported in a reply, or with the order of a harmless ticket, opens its own ticket, linked to that one."""
    harmless = ticket(problem_type="cardkey_invalid", order_no="K1")
    theft: dict[str, Any] = {"problem_type": "account_security", "signals": (signal,), "urgency": Urgency.CRITICAL}
    assert decide(understood(**theft), harmless, replied_to=harmless) == Thread(None, JoinRule.NEW, harmless)
    assert decide(understood(orders=("K1",), **theft), harmless) == Thread(None, JoinRule.NEW, harmless)


def test_more_about_the_same_danger_is_no_further_ticket() -> None:
    """What is about danger already is joined; an insult about the same problem ("you swindlers") stays where it is."""
    harmless, theft = ticket(problem_type="cardkey_invalid"), ticket(problem_type="account_security")
    more = understood(problem_type="account_security", signals=("account_at_risk",), urgency=Urgency.CRITICAL)
    assert decide(more, harmless, theft, replied_to=harmless).ticket == theft
    assert decide(more, theft, replied_to=theft) == Thread(theft, JoinRule.REPLY)
    angry = understood(problem_type="cardkey_invalid", signals=("fraud_suspected",), urgency=Urgency.CRITICAL)
    assert decide(angry, harmless, replied_to=harmless) == Thread(harmless, JoinRule.REPLY)


def test_a_resolved_ticket_is_amended() -> None:
    """Whoever writes again about a resolved matter reaches it; routing decides to reopen."""
    resolved = ticket(order_no="K1", status=Status.RESOLVED)
    assert decide(understood(orders=("K1",)), resolved).ticket == resolved


def test_a_ticket_that_got_its_owner_is_found_as_theirs_only() -> None:
    """After a stranger's ticket became a member's, the address alone no longer leads to it."""
    tickets = OpenTickets([one := ticket(None)])
    tickets.put(owned := replace(one, member_id="alice"))
    assert tickets.of_party(understood(ALICE, sender=b"mail-c")) == [owned]
    assert tickets.of_party(understood(STRANGER)) == []
