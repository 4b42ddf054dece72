"""How surely we know who is speaking, and as whom they may be served."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.intake.domain.channel_rules import ChannelRules
from shared.contracts.contacts import ContactReceived
from shared.contracts.vocabulary import Identity, Proof

MEMBER_KIND: Final = "member"
"""The kind of a sender that is a member id: a claim like ``member_id``, never an address anybody controls."""

_WEAKEST_FIRST: Final = tuple(Identity)


@dataclass(frozen=True, slots=True)
class Identification:
    """What was found out about a speaker.

    ``member_id`` is the member they are served as; None for ``none`` and ``claimed``. ``claimed_member_id`` is the
    member they say they are when nothing proves it: for the agent to check, never to disclose or thread by.
    ``proof``: how surely the contact came from them, by their session, else by their address.
    """

    level: Identity
    member_id: str | None = None
    claimed_member_id: str | None = None
    proof: Proof = Proof.NONE


def recognise(contact: ContactReceived, members_of_handle: Sequence[str], channel: ChannelRules) -> Identification:
    """Judges a contact by what its channel is trusted with.

    ``members_of_handle``: the members with the sender's address among their verified ones. A session is believed from a
    channel that may assert identity; else a verified handle of exactly one member identifies, unless nothing at all
    proves that the address is the sender's; what is left is a claim. An order number is never evidence: it is on every
    screenshot.
    """
    claimed = claimed_member(contact)
    session = channel.session_proof(contact.sender.proof)
    if claimed and contact.authenticated and channel.may_assert_identity and session is not Proof.NONE:
        return Identification(Identity.SESSION, claimed, proof=session)
    proof = Proof.NONE if contact.sender.kind == MEMBER_KIND else channel.proof_of(contact.sender)
    if len(members_of_handle) == 1:
        owner = members_of_handle[0]
        if proof is not Proof.NONE:
            return Identification(Identity.HANDLE, owner, _other_than(owner, claimed), proof)
        # Nothing proves the address is theirs, but the agent should see whose it would be.
        claimed = claimed or owner
    level = Identity.CLAIMED if claimed else Identity.NONE
    return Identification(level, None, claimed, proof)


def claimed_member(contact: ContactReceived) -> str | None:
    """The member the contact says it comes from, believed or not."""
    if contact.member_id:
        return contact.member_id
    return contact.sender.value if contact.sender.kind == MEMBER_KIND else None


def stronger(one: Identity, other: Identity) -> Identity:
    """The stronger of two levels."""
    return max(one, other, key=_WEAKEST_FIRST.index)


def _other_than(member_id: str, claimed: str | None) -> str | None:
    return claimed if claimed != member_id else None
