"""A ticket as intake needs it: to know whose it is, what it is about and whether it can still be amended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.contracts.vocabulary import Identity, Proof, Urgency


class Status(StrEnum):
    """Where a ticket stands. Resolved ones are still amended (routing reopens them), the last two never."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


AMENDABLE = frozenset({Status.OPEN, Status.RESOLVED})


@dataclass(frozen=True, slots=True)
class Ticket:
    """``sender`` is the blind index of the address that opened it; ``missing`` the facts nobody has given yet;
    ``proof`` how surely its party spoke, at the best."""

    ticket_id: UUID
    ticket_no: str
    member_id: str | None
    sender: bytes
    tier: str
    problem_type: str
    order_no: str | None
    missing: tuple[str, ...]
    urgency: Urgency
    identity: Identity
    proof: Proof
    status: Status
    merged_into: UUID | None
    opened_at: datetime
    last_contact_at: datetime

    @property
    def amendable(self) -> bool:
        """Whether a further contact may still join."""
        return self.status in AMENDABLE
