"""The place of a ticket in the queue: the moment it entered, minus its head start. The earliest is served first.

The head start is bounded, so this is strict priority among tickets that entered about the same time and first come,
first served in the long run: nobody is overtaken by a ticket that entered more than ``longest_head_start`` after them.
Waiting needs no bookkeeping, because the places never change while time goes by, and an index can hold them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.routing.domain.ticket import Ticket
from services.routing.rules.model import Rules
from shared.contracts.vocabulary import Lane


def queue_position_at(ticket: Ticket, rules: Rules) -> datetime:
    """The place of a ticket."""
    starts = rules.head_start_seconds
    seconds = (
        _of(starts.urgency, ticket.urgency)
        + _of(starts.tier, ticket.tier)
        + _of(_lanes(rules), ticket.lane)
        + _for_due(ticket, starts.due_within_seconds)
    )
    return ticket.entered_at - timedelta(seconds=seconds)


def longest_head_start(rules: Rules) -> timedelta:
    """The bound: how much later a ticket may enter and still overtake."""
    starts = rules.head_start_seconds
    parts = (starts.urgency.values(), starts.tier.values(), _lanes(rules).values())
    return timedelta(seconds=sum(max(part, default=0.0) for part in parts) + starts.due_within_seconds)


def _for_due(ticket: Ticket, within: float) -> float:
    if ticket.due is None:
        return 0.0
    return min(max(within - (ticket.due - ticket.entered_at).total_seconds(), 0.0), within)


def _lanes(rules: Rules) -> dict[str, float]:
    lanes = rules.lanes
    return {
        Lane.ESCALATION: lanes.escalation.head_start_seconds,
        Lane.ADVISOR: lanes.advisor.head_start_seconds,
        Lane.FAST_TOPUP: lanes.fast_topup.head_start_seconds,
    }


def _of(starts: Mapping[Any, float], value: str) -> float:
    return starts.get(value, 0.0)
