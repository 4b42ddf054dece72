"""An action as the judge sees it, and who may take it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.routing.domain.moves import Facts
from services.routing.domain.ticket import State, Ticket
from shared.contracts.vocabulary import ActorKind, Team


@dataclass(frozen=True, slots=True)
class Action:
    """A command on a ticket; the fields are those of ``support.action.v1``."""

    kind: str
    actor_kind: str
    actor_id: str
    text: str | None = None
    reason: str | None = None
    on: str | None = None
    to: str | None = None


class Who(StrEnum):
    """Who an action may be for. The value is how a refusal names them."""

    HOLDER = "the agent who has the ticket"
    SOLVER = "the agent who had it last"
    AGENT = "any agent"
    MEMBER = "the member of the ticket"
    SUPERVISOR = "a supervisor"
    LADDER = "somebody of the team it was escalated to"
    SYSTEM = "the system"


def is_one_of(who: frozenset[Who], action: Action, ticket: Ticket, facts: Facts) -> bool:
    """Whether the actor is one of these, as far as this ticket goes."""
    return any(_is(one, action, ticket, facts) for one in who)


def _is(who: Who, action: Action, ticket: Ticket, facts: Facts) -> bool:
    is_agent = action.actor_kind == ActorKind.AGENT
    known = facts.agents.get(action.actor_id)
    staff = known if known is not None and not known.gone else None
    agent = staff if is_agent else None
    match who:
        case Who.HOLDER:
            return is_agent and ticket.agent_id == action.actor_id
        case Who.SOLVER:
            return is_agent and ticket.state is State.RESOLVED and ticket.last_agent_id == action.actor_id
        case Who.AGENT:
            return agent is not None
        case Who.MEMBER:
            return action.actor_kind == ActorKind.MEMBER and ticket.member_id == action.actor_id
        case Who.SUPERVISOR:
            names_staff = action.actor_kind in (ActorKind.AGENT, ActorKind.SUPERVISOR)
            return names_staff and staff is not None and staff.team == Team.SUPERVISOR
        case Who.LADDER:
            return agent is not None and agent.team != Team.FRONTLINE and ticket.team is not None
        case Who.SYSTEM:
            return action.actor_kind == ActorKind.SYSTEM


HOLDER_OR_SUPERVISOR: Final = frozenset({Who.HOLDER, Who.SUPERVISOR})
OF_THE_LADDER: Final = frozenset({Who.SUPERVISOR, Who.LADDER})
