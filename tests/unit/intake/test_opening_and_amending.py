"""What becomes of a ticket when it is opened, amended, and worked on by others."""

from datetime import timedelta

import pytest

from services.intake.domain.amend_ticket import amend_ticket
from services.intake.domain.attachments import MOST_ATTACHMENTS
from services.intake.domain.follow_ticket import changes_more_than_tier, follow_ticket
from services.intake.domain.open_ticket import open_ticket, ticket_id_of
from services.intake.domain.ticket import Status
from shared.contracts.tickets import (
    Party,
    TicketAccepted,
    TicketAmended,
    TicketClosed,
    TicketCorrected,
    TicketEvent,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
)
from shared.contracts.vocabulary import Identity, Urgency
from tests.shipped import problem_types
from tests.unit.intake.matters import ALICE, NOW, STRANGER, contact, ticket, understood, words

EVENT = {"ticket_id": "t", "ticket_no": "T", "tier": "gold", "at": NOW}
BY = Party(kind="agent", id="a1")


def test_a_new_ticket_says_all_that_is_known() -> None:
    """The event and the row of a new ticket agree, and carry what was found out."""
    one = understood(ALICE, orders=("K1",), tier="gold", missing=("account",), urgency=Urgency.HIGH)
    opened, event = open_ticket(one, "T261122-0000018", NOW)
    assert (event.ticket_id, event.ticket_no) == (str(opened.ticket_id), "T261122-0000018")
    assert (event.member_id, event.tier, event.identity) == ("alice", "gold", Identity.HANDLE)
    assert (event.order_no, event.missing, event.urgency) == ("K1", ("account",), Urgency.HIGH)
    assert (event.channel, event.contact_id, event.at) == ("phone", "c-1", NOW)
    assert (opened.member_id, opened.order_no, opened.missing) == ("alice", "K1", ("account",))


def test_no_field_of_the_events_is_forgotten() -> None:
    """Whatever the contract has in opened and amended, intake says it: a new field is filled where it is emitted."""
    _, opened = open_ticket(understood(ALICE), "T", NOW)
    _, amended = amend_ticket(ticket(), understood(ALICE), problem_types(), NOW)
    assert set(TicketOpened.model_fields) - opened.model_fields_set == set(), "services/intake/domain/open_ticket.py"
    assert set(TicketAmended.model_fields) - amended.model_fields_set == set(), "services/intake/domain/amend_ticket.py"


def test_a_ticket_of_nobody_known_is_a_standard_one() -> None:
    """Without a member there is no tier to give."""
    assert open_ticket(understood(STRANGER), "T", NOW)[1].tier == "standard"


def test_the_id_of_a_ticket_follows_from_its_contact() -> None:
    """Told twice it is the same ticket; another contact, or the same id on another channel, is another."""
    assert ticket_id_of(understood()) == ticket_id_of(understood())
    assert ticket_id_of(understood()) != ticket_id_of(understood(received=contact(contact_id="c-2")))
    assert ticket_id_of(understood()) != ticket_id_of(understood(received=contact(channel="chat")))


def test_attachments_travel_without_addresses_and_secrets() -> None:
    """Name, type and size are shown; where a stranger put the file is not, nor a number in its name."""
    files = [{"name": "13912345678.png", "media_type": "image/png", "size": 9, "url": "https://evil.example/x"}] * 60
    _, event = open_ticket(understood(received=contact(attachments=files)), "T", NOW)
    assert len(event.attachments) == MOST_ATTACHMENTS
    shown = event.attachments[0]
    assert (shown.media_type, shown.size, shown.url) == ("image/png", 9, None)
    assert "13912345678" not in shown.name


def test_an_order_number_that_comes_later_is_known_from_then_on() -> None:
    """The amended ticket has the order, and no longer lacks what an order tells."""
    lacking = ticket(missing=("order_no", "purchased_at", "account"))
    number = contact(text="订单号 KM20261122001")
    one = understood(received=number, understanding=words("订单号 KM20261122001"), order_no="KM20261122001")
    after, event = amend_ticket(lacking, one, problem_types(), NOW)
    assert after.order_no == event.order_no == "KM20261122001"
    assert after.missing == event.missing == ("account",)


def test_the_matter_of_a_ticket_that_lacked_it_is_what_the_ticket_is_about() -> None:
    """Type, order, urgency and what is missing are those of the matter, and the event says all of it."""
    greeting = understood(received=contact(text="在吗"), understanding=words("在吗"))
    greeted, _ = open_ticket(greeting, "T", NOW)
    text = "急!订单KM20261122001充了Q币没到账"
    matter = understood(received=contact(text=text), understanding=words(text), order_no="KM20261122001")
    after, event = amend_ticket(greeted, matter, problem_types(), NOW)
    assert (greeted.lacks_matter, after.lacks_matter) == (True, False)
    assert (after.problem_type, after.order_no, after.urgency) == ("topup_not_arrived", "KM20261122001", Urgency.HIGH)
    assert after.missing == event.missing == matter.understanding.missing
    assert (event.problem_type, event.outcome, event.complexity) == ("topup_not_arrived", "act", "simple")
    assert event.candidates == matter.understanding.candidates
    again, more = amend_ticket(after, understood(problem_type="refund"), problem_types(), NOW)
    assert (again.problem_type, more.problem_type, more.outcome) == ("topup_not_arrived", None, None)


def test_a_type_an_agent_gave_is_what_the_ticket_is_about() -> None:
    """Who asked by telephone and corrected the type has said it for the member."""
    corrected = TicketCorrected(**EVENT, problem_type="refund", was="other", actor_id="a1")
    after = follow_ticket(ticket(problem_type="other", lacks_matter=True), corrected)
    assert not after.lacks_matter
    assert amend_ticket(after, understood(), problem_types(), NOW)[0].problem_type == "refund"


def test_an_answer_is_judged_by_what_the_ticket_asked() -> None:
    """An account named by itself looks like no problem at all, and still answers the question."""
    text = "游戏账号是 player_8866"
    answer = understood(received=contact(text=text), understanding=words(text))
    after, _ = amend_ticket(ticket(order_no="K1", missing=("account",)), answer, problem_types(), NOW)
    assert after.missing == ()


def test_the_summary_of_an_amendment_asks_for_nothing_the_ticket_has() -> None:
    """A contact without its order number does not make the agent ask for the number that is on the ticket."""
    text = "在吗,卡密还是用不了"
    again = understood(received=contact(text=text), understanding=words(text))
    known = ticket(problem_type="cardkey_invalid", order_no="CK0000000004", missing=())
    assert "订单号" in again.understanding.summary
    assert "订单号" not in amend_ticket(known, again, problem_types(), NOW)[1].summary


def test_a_type_that_is_no_longer_configured_keeps_what_it_lacks() -> None:
    """An operator who removes a problem type does not stop its tickets."""
    lacking = ticket(problem_type="retired_type", missing=("order_no",))
    assert amend_ticket(lacking, understood(problem_type="other"), problem_types(), NOW)[0].missing == ("order_no",)


def test_urgency_and_identity_only_rise() -> None:
    """A calm message from an unknown address does not calm the ticket, nor make its owner unknown."""
    urgent = ticket(None, urgency=Urgency.CRITICAL, identity=Identity.SESSION)
    after, event = amend_ticket(urgent, understood(STRANGER), problem_types(), NOW)
    assert (after.urgency, after.identity) == (Urgency.CRITICAL, Identity.SESSION)
    assert (event.urgency, event.identity) == (Urgency.CRITICAL, Identity.SESSION)
    angrier, _ = amend_ticket(ticket(None), understood(STRANGER, urgency=Urgency.HIGH), problem_types(), NOW)
    assert angrier.urgency is Urgency.HIGH


def test_a_recognised_member_becomes_the_owner() -> None:
    """A stranger's ticket takes the member and tier once they are known, and keeps them."""
    owned, event = amend_ticket(ticket(None), understood(ALICE, tier="gold"), problem_types(), NOW)
    assert (owned.member_id, owned.tier, event.member_id, event.tier) == ("alice", "gold", "alice", "gold")
    assert amend_ticket(owned, understood(ALICE, tier=None), problem_types(), NOW)[0].tier == "gold"


def test_a_contact_told_late_does_not_turn_back_the_clock() -> None:
    """The latest contact of a ticket is the latest by its own time."""
    one = ticket(last_contact_at=NOW)
    assert amend_ticket(one, understood(at=NOW - timedelta(hours=2)), problem_types(), NOW)[0].last_contact_at == NOW


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (TicketResolved(**EVENT, by=BY, how="refunded"), Status.RESOLVED),
        (TicketReopened(**EVENT, cause="member"), Status.OPEN),
        (TicketClosed(**EVENT), Status.CLOSED),
        (TicketMerged(**EVENT, into="0190b5a0-0000-7000-8000-000000000000"), Status.MERGED),
        (TicketAccepted(**EVENT, agent_id="a1"), Status.RESOLVED),
    ],
)
def test_what_others_do_is_followed(event: TicketEvent, status: Status) -> None:
    """Status and tier of a ticket are what its other writers say."""
    after = follow_ticket(ticket(status=Status.RESOLVED), event)
    assert (after.status, after.tier) == (status, "gold")
    assert changes_more_than_tier(event) is not isinstance(event, TicketAccepted)


def test_a_corrected_type_is_what_later_contacts_are_compared_with() -> None:
    """The agent knows better what the matter is."""
    event = TicketCorrected(**EVENT, problem_type="refund", was="topup_not_arrived", actor_id="a1")
    assert follow_ticket(ticket(), event).problem_type == "refund"
    assert changes_more_than_tier(event)


def test_a_merge_into_nonsense_stops_nothing() -> None:
    """An unreadable target is no target."""
    assert follow_ticket(ticket(), TicketMerged(**EVENT, into="?")).merged_into is None
