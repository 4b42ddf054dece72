"""A ticket as routing knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from shared.contracts.lifecycle import TicketState
from shared.contracts.tickets import RoutingEvent
from shared.contracts.vocabulary import Lane, Tier, Urgency

E = TypeVar("E", bound=RoutingEvent)


HELD = frozenset({TicketState.ASSIGNED, TicketState.ACCEPTED, TicketState.WAITING})
"""The states in which a ticket takes one place of its agent's capacity."""

ENDED = frozenset({TicketState.CLOSED, TicketState.MERGED})


@dataclass(frozen=True, slots=True)
class Ticket:
    """Times are aware. ``agent_id`` is set exactly in the states of ``HELD``; ``last_agent_id`` stays after.

    ``entered_at`` is when it began to want somebody (opened or reopened) and counts for its age; ``queued_at`` when it
    last came into a queue; ``queue_position_at`` is its place there (see ``priority``); before ``matchable_from``
    no agent is wanted.
    ``level`` is the highest rung of the ladder it was ever escalated to; ``team`` is whose it is until they hand it
    back, ``acknowledged_at`` when one of them took charge. ``skipped_by``: who did not take it or
    gave it away, and when.
    """

    ticket_id: UUID
    ticket_no: str
    member_id: str | None
    tier: str
    problem_type: str
    urgency: str
    opened_at: datetime
    entered_at: datetime
    queued_at: datetime
    queue_position_at: datetime
    matchable_from: datetime
    queue: str
    state: TicketState = TicketState.QUEUED
    lane: str = Lane.NORMAL
    language: str | None = None
    order_no: str | None = None
    agent_id: str | None = None
    last_agent_id: str | None = None
    attempt: int = 0
    skipped_by: Mapping[str, datetime] = field(default_factory=dict)
    waiting_on: str | None = None
    level: int = 0
    team: str | None = None
    acknowledged_at: datetime | None = None
    first_answer_due: datetime | None = None
    plan_due: datetime | None = None
    answered_at: datetime | None = None
    accept_due: datetime | None = None
    close_due: datetime | None = None
    closed_at: datetime | None = None
    merged_into: str | None = None
    advisor_agent_id: str | None = None

    @property
    def due(self) -> datetime | None:
        """The promise that counts now: the first answer until there is one, then the plan."""
        return self.first_answer_due if self.answered_at is None else self.plan_due

    @property
    def key(self) -> str:
        """The key of its events."""
        return str(self.ticket_id)

    def say(self, event: type[E], now: datetime, **fields: Any) -> E:
        """An event about this ticket."""
        return event(
            ticket_id=self.key,
            ticket_no=self.ticket_no,
            member_id=self.member_id,
            tier=self.tier,
            at=now,
            **fields,
        )


URGENCIES = (Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
TIERS = (Tier.STANDARD, Tier.SILVER, Tier.GOLD, Tier.ENTERPRISE)


def level_of(value: str, rising: tuple[str, ...]) -> int:
    """The place of ``value`` in a rising order; an unknown one stands with the lowest."""
    return rising.index(value) if value in rising else 0
