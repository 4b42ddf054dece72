"""Who is speaking, and how surely."""

from typing import Any

import pytest

from services.intake.domain.channel_rules import ChannelRules
from services.intake.domain.identity import Identification, recognise, stronger
from services.intake.domain.orders import Order, main_order
from services.intake.domain.understood_contact import ORDER_OF_ANOTHER
from shared.contracts.vocabulary import Identity, Proof
from tests.unit.intake.matters import ALICE, BOB, STRANGER, contact, understood

CHAT = ChannelRules(may_assert_identity=True, most_proof=Proof.STRONG, proof=Proof.STRONG)
PHONE = ChannelRules(senders=frozenset({"phone"}))

CLAIM = {"member_id": "alice", "authenticated": True}


def test_a_session_is_believed_from_a_channel_that_may_assert_it() -> None:
    """A channel that logs its members in says who is speaking."""
    assert recognise(contact(**CLAIM), [], CHAT) == Identification(Identity.SESSION, "alice", proof=Proof.STRONG)


@pytest.mark.parametrize(
    ("fields", "channel"),
    [
        (CLAIM, PHONE),
        ({"member_id": "alice", "authenticated": False}, CHAT),
        ({"sender": {"kind": "member", "value": "alice"}}, CHAT),
        ({"sender": {"kind": "member", "value": "alice"}, "authenticated": True}, PHONE),
    ],
)
def test_what_nothing_proves_is_only_a_claim(fields: dict[str, Any], channel: ChannelRules) -> None:
    """A member id that is not believed is kept for the agent and serves nobody."""
    identification = recognise(contact(**fields), [], channel)
    assert (identification.level, identification.member_id, identification.claimed_member_id) == (
        Identity.CLAIMED,
        None,
        "alice",
    )


def test_a_member_as_sender_with_a_believed_session_is_that_member() -> None:
    """Where the sender is named by member id, that is the member a believed session speaks of."""
    written = contact(sender={"kind": "member", "value": "alice"}, authenticated=True)
    assert recognise(written, [], CHAT) == Identification(Identity.SESSION, "alice", proof=Proof.STRONG)


def test_a_verified_handle_of_one_member_identifies() -> None:
    """The address of exactly one member is that member."""
    assert recognise(contact(), ["alice"], PHONE) == ALICE


@pytest.mark.parametrize("members", [[], ["alice", "bob"]])
def test_an_address_of_nobody_or_of_two_identifies_nobody(members: list[str]) -> None:
    """An address that two members share proves neither."""
    assert recognise(contact(), members, PHONE) == STRANGER


def test_a_handle_outweighs_another_claim() -> None:
    """From Alice's telephone, saying to be Bob is Alice with a claim the agent can see."""
    identification = recognise(contact(member_id="bob", authenticated=True), ["alice"], PHONE)
    assert identification == Identification(Identity.HANDLE, "alice", "bob", Proof.WEAK)


def test_a_believed_session_outweighs_the_handle() -> None:
    """Logged in as Bob from Alice's device is Bob."""
    identification = recognise(contact(member_id="bob", authenticated=True), ["alice"], CHAT)
    assert identification == Identification(Identity.SESSION, "bob", proof=Proof.STRONG)


def test_the_surer_of_two_levels_is_kept() -> None:
    """The surer of two levels is kept."""
    assert stronger(Identity.HANDLE, Identity.CLAIMED) is Identity.HANDLE
    assert stronger(Identity.NONE, Identity.CALL_CODE) is Identity.CALL_CODE


def test_the_order_a_contact_is_about() -> None:
    """The member's own order goes before one of others, that before a number nobody knows."""
    known = {"K1": Order("K1", "bob"), "K2": Order("k2", "alice")}
    assert main_order(("X9", "K1", "K2"), known, "alice") == ("k2", "alice")
    assert main_order(("X9", "k1", "K2"), known, None) == ("K1", "bob")
    assert main_order(("X9", "X8"), known, "alice") == ("X9", None)
    assert main_order((), known, "alice") == (None, None)


def test_the_order_of_another_member_is_noticed() -> None:
    """An agent is warned when a member speaks of somebody else's order, and of no other."""
    assert ORDER_OF_ANOTHER in understood(BOB, orders=("K1",), order_owner="alice").signals
    assert ORDER_OF_ANOTHER not in understood(ALICE, orders=("K1",), order_owner="alice").signals
    assert ORDER_OF_ANOTHER not in understood(STRANGER, orders=("K1",), order_owner="alice").signals
    assert ORDER_OF_ANOTHER not in understood(BOB, orders=("K1",)).signals
