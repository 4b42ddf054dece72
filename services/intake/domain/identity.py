"""How surely we know who is speaking, and as whom they may be served."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.contracts.contacts import ContactReceived
from shared.contracts.vocabulary import Identity

MEMBER_KIND: Final = "member"
"""The kind of a sender that is a member id: a claim like ``member_id``, never an address anybody controls."""

_WEAKEST_FIRST: Final = tuple(Identity)


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found out about a speaker.

    ``member_id`` is the member they are served as; None for ``none`` and ``claimed``. ``claimed_member_id`` is the
    member they say they are when nothing proves it: for the agent to check, never to disclose or thread by.
    """

    level: Identity
    member_id: str | None = None
    claimed_member_id: str | None = None


def recognise(contact: ContactReceived, members_of_handle: Sequence[str], *, may_assert_identity: bool) -> Standing:
    """Judges a contact. ``members_of_handle``: the members with the sender's address among their verified ones.

    A session is believed from a channel that may assert identity; else a verified handle of exactly one member
    identifies; what is left is a claim. An order number is never evidence: it is on every screenshot.
    """
    claimed = claimed_member(contact)
    if claimed and contact.authenticated and may_assert_identity:
        return Standing(Identity.SESSION, claimed)
    if len(members_of_handle) == 1:
        return Standing(Identity.HANDLE, members_of_handle[0], _other_than(members_of_handle[0], claimed))
    return Standing(Identity.CLAIMED, None, claimed) if claimed else Standing(Identity.NONE)


def claimed_member(contact: ContactReceived) -> str | None:
    """The member the contact says it comes from, believed or not."""
    if contact.member_id:
        return contact.member_id
    return contact.sender.value if contact.sender.kind == MEMBER_KIND else None


def surer(one: Identity, other: Identity) -> Identity:
    """The stronger of two levels."""
    return max(one, other, key=_WEAKEST_FIRST.index)


def _other_than(member_id: str, claimed: str | None) -> str | None:
    return claimed if claimed != member_id else None
