"""Whom an action may be for, seen from the ticket."""

from enum import StrEnum
from typing import Final

from services.routing.domain.ticket import State, Ticket
from services.routing.domain.ticket_steps import DecisionContext
from shared.contracts.actions import ActionRequested
from shared.contracts.vocabulary import ActorKind, Team


class TicketRole(StrEnum):
    """Who an action may be for. The value is how a refusal names them."""

    HOLDER = "the agent who has the ticket"
    SOLVER = "the agent who had it last"
    AGENT = "any agent"
    MEMBER = "the member of the ticket"
    SUPERVISOR = "a supervisor"
    LADDER = "somebody of the team it was escalated to"
    SYSTEM = "the system"


def has_role(roles: frozenset[TicketRole], action: ActionRequested, ticket: Ticket, context: DecisionContext) -> bool:
    """Whether the actor is one of these, as far as this ticket goes."""
    return any(_is(role, action, ticket, context) for role in roles)


def _is(role: TicketRole, action: ActionRequested, ticket: Ticket, context: DecisionContext) -> bool:
    is_agent = action.actor.kind == ActorKind.AGENT
    known = context.agents.get(action.actor.id)
    staff = known if known is not None and not known.gone else None
    agent = staff if is_agent else None
    match role:
        case TicketRole.HOLDER:
            return is_agent and ticket.agent_id == action.actor.id
        case TicketRole.SOLVER:
            return is_agent and ticket.state is State.RESOLVED and ticket.last_agent_id == action.actor.id
        case TicketRole.AGENT:
            return agent is not None
        case TicketRole.MEMBER:
            return action.actor.kind == ActorKind.MEMBER and ticket.member_id == action.actor.id
        case TicketRole.SUPERVISOR:
            names_staff = action.actor.kind in (ActorKind.AGENT, ActorKind.SUPERVISOR)
            return names_staff and staff is not None and staff.team == Team.SUPERVISOR
        case TicketRole.LADDER:
            return agent is not None and agent.team != Team.FRONTLINE and ticket.team is not None
        case TicketRole.SYSTEM:
            return action.actor.kind == ActorKind.SYSTEM


HOLDER_OR_SUPERVISOR: Final = frozenset({TicketRole.HOLDER, TicketRole.SUPERVISOR})
OF_THE_LADDER: Final = frozenset({TicketRole.SUPERVISOR, TicketRole.LADDER})
