"""A contact with all that was found out about it, ready to be decided on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.domain.identity import MEMBER_KIND, Standing
from services.intake.understanding import Understanding
from shared.contracts.contacts import ContactReceived

ORDER_OF_ANOTHER: Final = "order_of_another_member"
"""The signal of a contact whose order belongs to another member than the one who is speaking."""


@dataclass(frozen=True, slots=True)
class Heard:
    """``at`` is when it was received, never in the future; ``sender`` the blind index of the sender's address;
    ``tier`` that of the member, None when unknown; ``order_no`` the order it is about, ``order_owner`` whose
    that is, if the platform has said."""

    contact: ContactReceived
    at: datetime
    sender: bytes
    standing: Standing
    tier: str | None
    said: Understanding
    order_no: str | None
    order_owner: str | None

    @property
    def sender_is_address(self) -> bool:
        """Whether the sender names an address that somebody controls, and not only a member they say they are."""
        return self.contact.sender.kind != MEMBER_KIND

    @property
    def signals(self) -> tuple[str, ...]:
        """What must be noticed: from the words, and from whose order it is."""
        member = self.standing.member_id
        foreign = member is not None and self.order_owner is not None and self.order_owner != member
        return (*self.said.signals, ORDER_OF_ANOTHER) if foreign else self.said.signals


def main_order(order_nos: Sequence[str], owners: Mapping[str, str], member_id: str | None) -> str | None:
    """The order a contact is about: the first of the member's own, else the first that exists, else the first named.

    Payment references look like order numbers and often stand before them.
    """
    own = next((number for number in order_nos if member_id is not None and owners.get(number) == member_id), None)
    existing = next((number for number in order_nos if number in owners), None)
    return own or existing or next(iter(order_nos), None)
