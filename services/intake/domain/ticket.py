"""A ticket as intake needs it: to know whose it is, what it is about and whether it can still be joined."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.contracts.vocabulary import Identity, Proof, Urgency


class Status(StrEnum):
    """Where a ticket stands. Whoever joins one that is resolved or closed reopens it (routing does); a merged one never
    is joined."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Ticket:
    """``sender`` is the blind index of the address that opened it; ``missing`` the facts nobody has given yet;
    ``proof`` how surely its party spoke, at the best. ``ended_at``: when it was solved, or closed without a solution;
    ``closed_at`` when it was closed; both None while it is open. ``lacks_matter``: nobody has said yet what it is
    about, as when a greeting was all there was."""

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
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    lacks_matter: bool = False

    @property
    def latest_at(self) -> datetime:
        """When it was last spoken about or, if that was later, ended."""
        return max(self.last_contact_at, self.ended_at or self.last_contact_at)

    def may_be_joined(self, now: datetime, closed_within: timedelta) -> bool:
        """Whether a further contact may join: one that is closed only for so long."""
        if self.status is Status.CLOSED:
            return self.closed_at is not None and now - self.closed_at <= closed_within
        return self.status is not Status.MERGED
