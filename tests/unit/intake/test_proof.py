"""How surely a contact is its sender's, and what one that is less surely the member's may do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.domain.amend_ticket import amend_ticket
from services.intake.domain.channel_rules import NOTHING, ChannelRules
from services.intake.domain.identity import Identification, recognise
from services.intake.domain.open_ticket import open_ticket
from services.intake.domain.open_tickets import OpenTickets
from services.intake.domain.threading import JoinRule, Named, thread
from services.intake.domain.ticket import Status
from services.intake.rules.channels import load_channels
from shared.contracts.contacts import Sender
from shared.contracts.vocabulary import Identity, Proof, is_weaker, weaker
from tests.shipped import CONFIG, problem_types
from tests.unit.intake.matters import ALICE, NOW, WINDOWS, contact, ticket, understood

CHANNELS = load_channels(CONFIG)
SURELY = replace(ALICE, proof=Proof.STRONG)
NOT_AT_ALL = replace(ALICE, proof=Proof.NONE)
WORDS = st.none() | st.sampled_from(Proof) | st.text(max_size=10)


@pytest.mark.parametrize(
    ("channel", "kind", "stated", "proof"),
    [
        ("phone", "phone", None, Proof.WEAK),
        ("phone", "phone", "strong", Proof.WEAK),
        ("phone", "phone", "none", Proof.NONE),
        ("email", "email", None, Proof.WEAK),
        ("email", "email", "strong", Proof.STRONG),
        ("social", "wechat_openid", None, Proof.STRONG),
        ("social", "wechat_openid", "weak", Proof.WEAK),
        ("social", "phone", "strong", Proof.NONE),
        ("chat", "email", None, Proof.NONE),
        ("email", "email", "certain", Proof.NONE),
        ("video", "phone", "strong", Proof.NONE),
    ],
)
def test_what_an_address_counts_for_on_each_channel(channel: str, kind: str, stated: str | None, proof: Proof) -> None:
    """As shipped, a caller's number and a plain From are weak, and a channel vouches for its own kinds alone."""
    assert CHANNELS.rules_of(channel).proof_of(Sender(kind=kind, value="x", proof=stated)) is proof


@given(stated=WORDS, most=st.sampled_from(Proof), default=st.sampled_from(Proof))
def test_a_producer_never_raises_a_proof(stated: str | None, most: Proof, default: Proof) -> None:
    """Whatever word it says, an address counts for no more than its channel is allowed."""
    rules = ChannelRules(most_proof=most, proof=weaker(default, most))
    assert not is_weaker(most, rules.proof_of(Sender(kind="phone", value="x", proof=stated)))


def test_a_default_above_the_most_is_a_mistake() -> None:
    """A file that says more by default than it allows is refused."""
    with pytest.raises(ValidationError, match="more than most_proof"):
        ChannelRules(most_proof=Proof.WEAK, proof=Proof.STRONG)


@pytest.mark.parametrize("channel", ["social", "chat", "video"])
def test_an_address_a_channel_cannot_vouch_for_is_a_claim(channel: str) -> None:
    """A caller's number told by the social gateway leads to nobody's tickets; the agent sees whose it would be."""
    written = contact(channel=channel, sender={"kind": "phone", "value": "+8613900000000", "proof": "strong"})
    identification = recognise(written, ["alice"], CHANNELS.rules_of(channel))
    assert identification == Identification(Identity.CLAIMED, None, "alice", Proof.NONE)


def test_a_session_without_proof_is_a_claim() -> None:
    """A channel that logs members in and says of one that nothing proves it is taken at its lower word."""
    written = contact(
        channel="chat",
        member_id="alice",
        authenticated=True,
        sender={"kind": "member", "value": "alice", "proof": "none"},
    )
    assert recognise(written, [], CHANNELS.rules_of("chat")).level is Identity.CLAIMED
    assert recognise(written, [], NOTHING).level is Identity.CLAIMED


def test_what_a_weak_contact_adds_is_marked() -> None:
    """It joins the member's open ticket; the event says how it is proven, and that others were surer."""
    theirs = ticket(proof=Proof.STRONG)
    _, event = amend_ticket(theirs, understood(ALICE), problem_types(), NOW)
    assert (event.identity_proof, event.less_proven) == (Proof.WEAK, True)
    _, event = amend_ticket(theirs, understood(SURELY), problem_types(), NOW)
    assert (event.identity_proof, event.less_proven) == (Proof.STRONG, False)
    opened, event_of_opening = open_ticket(understood(ALICE), "T", NOW)
    assert (opened.proof, event_of_opening.identity_proof) == (Proof.WEAK, Proof.WEAK)


def test_the_proof_of_a_ticket_rises_with_its_party() -> None:
    """A surer contact raises it; a ticket of nobody is, once it is a member's, as sure as that member was."""
    raised, _ = amend_ticket(ticket(proof=Proof.WEAK), understood(SURELY), problem_types(), NOW)
    assert raised.proof is Proof.STRONG
    taken, event = amend_ticket(ticket(None, proof=Proof.STRONG), understood(ALICE), problem_types(), NOW)
    assert (taken.member_id, taken.proof, event.less_proven) == ("alice", Proof.WEAK, False)


@pytest.mark.parametrize(
    ("status", "proof", "joins"),
    [
        (Status.OPEN, Proof.STRONG, True),
        (Status.RESOLVED, Proof.STRONG, False),
        (Status.RESOLVED, Proof.WEAK, True),
    ],
)
def test_what_is_over_is_not_joined_by_somebody_less_proven(status: Status, proof: Proof, joins: bool) -> None:
    """Nobody would take it up again for them: their words get a ticket of their own, by reply or by what they say."""
    theirs = ticket(status=status, proof=proof, last_contact_at=NOW - timedelta(minutes=5))
    one = understood(ALICE)
    found = thread(one, OpenTickets([theirs]).of_party(one), Named(), WINDOWS, NOW)
    assert (found.ticket == theirs, found.rule is JoinRule.NEW) == (joins, not joins)
    assert (thread(one, [], Named(theirs), WINDOWS, NOW).ticket == theirs) == joins
