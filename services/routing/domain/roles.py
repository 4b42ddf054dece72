"""Whether an actor is somebody whom the contract permits an action, as far as routing knows them."""

from services.routing.domain.ticket import Ticket
from services.routing.domain.ticket_steps import DecisionContext
from shared.contracts.actions import ActionRequested
from shared.contracts.lifecycle import Roles, TicketRole, TicketState
from shared.contracts.vocabulary import ActorKind, Team


def has_role(roles: Roles, action: ActionRequested, ticket: Ticket, context: DecisionContext) -> bool:
    """Whether the actor is one of these, as far as this ticket goes."""
    return any(_is(role, action, ticket, context) for role in roles)


def _is(role: TicketRole, action: ActionRequested, ticket: Ticket, context: DecisionContext) -> bool:
    is_agent = action.actor.kind == ActorKind.AGENT
    known = context.agents.get(action.actor.id)
    staff = known if known is not None and not known.gone else None
    agent = staff if is_agent else None
    match role:
        case TicketRole.HOLDER:
            # No record is asked for: who holds it may finish it, even when the platform has just deleted them.
            return is_agent and ticket.agent_id == action.actor.id
        case TicketRole.SOLVER:
            return is_agent and ticket.state is TicketState.RESOLVED and ticket.last_agent_id == action.actor.id
        case TicketRole.AGENT:
            return agent is not None
        case TicketRole.MEMBER:
            return action.actor.kind == ActorKind.MEMBER and ticket.member_id == action.actor.id
        case TicketRole.SUPERVISOR:
            # The record decides, not the word: anybody can call themselves a supervisor, and a supervisor may act as
            # an agent.
            names_staff = action.actor.kind in (ActorKind.AGENT, ActorKind.SUPERVISOR)
            return names_staff and staff is not None and staff.team == Team.SUPERVISOR
        case TicketRole.LADDER:
            return agent is not None and agent.team != Team.FRONTLINE and ticket.team is not None
        case TicketRole.SYSTEM:
            return action.actor.kind == ActorKind.SYSTEM
