"""Which way through routing a ticket goes."""

from services.routing.domain.ticket import TIERS, URGENCIES, Ticket, level_of
from services.routing.rules.model import Rules
from shared.contracts.vocabulary import Lane


def lane_of(ticket: Ticket, rules: Rules) -> Lane:
    """Escalation before advisor before the fast lane; else the normal way."""
    if ticket.team is not None:
        return Lane.ESCALATION
    if wants_advisor(ticket, rules):
        return Lane.ADVISOR
    return lane_without_advisor(ticket, rules)


def wants_advisor(ticket: Ticket, rules: Rules) -> bool:
    """Whether the member has a dedicated advisor who comes first."""
    return ticket.team is None and ticket.advisor_agent_id is not None and ticket.tier in rules.lanes.advisor.tiers


def lane_without_advisor(ticket: Ticket, rules: Rules) -> Lane:
    """The lane when the advisor cannot be had."""
    if ticket.team is not None:
        return Lane.ESCALATION
    fast = rules.lanes.fast_topup
    urgent = level_of(ticket.urgency, URGENCIES) >= level_of(fast.from_urgency, URGENCIES)
    valued = level_of(ticket.tier, TIERS) >= level_of(fast.from_tier, TIERS)
    return Lane.FAST_TOPUP if ticket.problem_type in fast.problem_types and (urgent or valued) else Lane.NORMAL
