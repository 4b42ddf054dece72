"""Tickets, agents and rules for tests of the domain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.routing.domain.agent import Agent
from services.routing.domain.priority import queue_position_at
from services.routing.domain.ticket import HELD, Ticket
from services.routing.rules.rule_file import load_rules
from shared.contracts.lifecycle import TicketState
from tests.shipped import CONFIG

RULES: Final = load_rules(CONFIG)
NOW: Final = datetime(2026, 10, 15, 6, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    """A duration."""
    return timedelta(seconds=count)


def a_ticket(number: int = 1, state: TicketState = TicketState.QUEUED, **fields: Any) -> Ticket:
    """A ticket of member ``m`` about a refund that entered now; ``holder`` has it, or had it last."""
    base: dict[str, Any] = {
        "ticket_id": UUID(int=number),
        "ticket_no": f"T-{number}",
        "member_id": "m",
        "tier": "standard",
        "problem_type": "refund",
        "urgency": "normal",
        "opened_at": NOW,
        "entered_at": NOW,
        "queued_at": NOW,
        "queue_position_at": NOW,
        "matchable_from": NOW,
        "queue": "refund",
        "state": state,
        "agent_id": "holder" if state in HELD else None,
        "last_agent_id": "holder",
        "waiting_on": "member" if state is TicketState.WAITING else None,
        "accept_due": NOW + seconds(60) if state is TicketState.ASSIGNED else None,
        "close_due": NOW + seconds(60) if state is TicketState.RESOLVED else None,
        "closed_at": NOW - seconds(60) if state is TicketState.CLOSED else None,
        "merged_into": str(UUID(int=99)) if state is TicketState.MERGED else None,
    }
    ticket = Ticket(**{**base, **fields})
    return (
        ticket if "queue_position_at" in fields else replace(ticket, queue_position_at=queue_position_at(ticket, RULES))
    )


def an_agent(agent_id: str = "holder", **fields: Any) -> Agent:
    """An agent online who knows everything and has two places."""
    return Agent(**{"agent_id": agent_id, "presence": "online", "capacity": 2, **fields})
