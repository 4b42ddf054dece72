"""The only judge: one table of what may be done with a ticket in which state, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.routing.domain import on_actions
from services.routing.domain.decision import Decision, Refused
from services.routing.domain.on_actions import Effect
from services.routing.domain.roles import HOLDER_OR_SUPERVISOR, OF_THE_LADDER, TicketRole, has_role
from services.routing.domain.ticket import State, Ticket
from services.routing.domain.ticket_steps import DecisionContext
from shared.contracts.actions import ActionRequested
from shared.contracts.vocabulary import ActionKind, ActorKind

QUEUED, ASSIGNED, ACCEPTED, WAITING = State.QUEUED, State.ASSIGNED, State.ACCEPTED, State.WAITING
RESOLVED, CLOSED = State.RESOLVED, State.CLOSED

_HOLDER = frozenset({TicketRole.HOLDER})
_SUPERVISOR = frozenset({TicketRole.SUPERVISOR})
_UNHELD_SOLVERS = frozenset({TicketRole.SUPERVISOR, TicketRole.SYSTEM})
_END_WAIT = HOLDER_OR_SUPERVISOR | {TicketRole.SYSTEM}
_WITHDRAW = frozenset({TicketRole.MEMBER, TicketRole.SUPERVISOR, TicketRole.SYSTEM})
_CLOSE = _WITHDRAW | {TicketRole.SOLVER}
_REOPEN = frozenset({TicketRole.MEMBER, TicketRole.SUPERVISOR, TicketRole.SYSTEM})
_MEMBER = frozenset({TicketRole.MEMBER})
_STAFF = frozenset({TicketRole.AGENT, TicketRole.SUPERVISOR, TicketRole.SYSTEM})
_ANY_AGENT = frozenset({TicketRole.AGENT, TicketRole.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may, and what it does."""

    who: frozenset[TicketRole]
    effect: Effect


TABLE: Final[Mapping[ActionKind, Mapping[State, Permission]]] = {
    ActionKind.ACCEPT: {
        ASSIGNED: Permission(_HOLDER, on_actions.accept),
    },
    ActionKind.DECLINE: {
        ASSIGNED: Permission(_HOLDER, on_actions.decline),
    },
    ActionKind.ANSWER: {
        QUEUED: Permission(_SUPERVISOR, on_actions.answer),
        ASSIGNED: Permission(_SUPERVISOR, on_actions.answer),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, on_actions.answer),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, on_actions.answer),
    },
    ActionKind.WAIT: {
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, on_actions.wait),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, on_actions.wait),
    },
    ActionKind.RESUME: {
        WAITING: Permission(_END_WAIT, on_actions.end_wait),
    },
    ActionKind.RESOLVE: {
        QUEUED: Permission(_UNHELD_SOLVERS, on_actions.resolve),
        ASSIGNED: Permission(_UNHELD_SOLVERS, on_actions.resolve),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, on_actions.resolve),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, on_actions.resolve),
    },
    ActionKind.REOPEN: {
        RESOLVED: Permission(_REOPEN, on_actions.reopen),
        CLOSED: Permission(_REOPEN, on_actions.reopen),
    },
    ActionKind.CLOSE: {
        QUEUED: Permission(_WITHDRAW, on_actions.close),
        ASSIGNED: Permission(_WITHDRAW, on_actions.close),
        ACCEPTED: Permission(_WITHDRAW, on_actions.close),
        WAITING: Permission(_WITHDRAW, on_actions.close),
        RESOLVED: Permission(_CLOSE, on_actions.close),
    },
    ActionKind.APPEAL: {
        QUEUED: Permission(_MEMBER, on_actions.appeal),
        ASSIGNED: Permission(_MEMBER, on_actions.appeal),
        ACCEPTED: Permission(_MEMBER, on_actions.appeal),
        WAITING: Permission(_MEMBER, on_actions.appeal),
        RESOLVED: Permission(_MEMBER, on_actions.appeal),
        CLOSED: Permission(_MEMBER, on_actions.appeal),
    },
    ActionKind.TRANSFER: {
        QUEUED: Permission(_SUPERVISOR, on_actions.transfer),
        ASSIGNED: Permission(_SUPERVISOR, on_actions.transfer),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, on_actions.transfer),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, on_actions.transfer),
    },
    ActionKind.CORRECT_TYPE: {
        QUEUED: Permission(_ANY_AGENT, on_actions.correct_type),
        ASSIGNED: Permission(HOLDER_OR_SUPERVISOR, on_actions.correct_type),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, on_actions.correct_type),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, on_actions.correct_type),
    },
    ActionKind.ACKNOWLEDGE: {
        QUEUED: Permission(OF_THE_LADDER, on_actions.acknowledge),
        ASSIGNED: Permission(OF_THE_LADDER, on_actions.acknowledge),
        ACCEPTED: Permission(OF_THE_LADDER, on_actions.acknowledge),
        WAITING: Permission(OF_THE_LADDER, on_actions.acknowledge),
    },
    ActionKind.NOTE: {
        QUEUED: Permission(_STAFF, on_actions.add_note),
        ASSIGNED: Permission(_STAFF, on_actions.add_note),
        ACCEPTED: Permission(_STAFF, on_actions.add_note),
        WAITING: Permission(_STAFF, on_actions.add_note),
        RESOLVED: Permission(_STAFF, on_actions.add_note),
        CLOSED: Permission(_STAFF, on_actions.add_note),
    },
}


def judge(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Decision | Refused:
    """What an action does to a ticket, or why it may not be done and what may. Changes nothing by itself."""
    states = next((TABLE[kind] for kind in TABLE if kind == action.kind), None)
    if states is None:
        return Refused("unknown_action", f"there is no action {action.kind!r}; there are {', '.join(TABLE)}")
    if action.actor.kind not in set(ActorKind):
        return Refused("unknown_actor", f"there is no actor {action.actor.kind!r}; there are {', '.join(ActorKind)}")
    if ticket.state is State.MERGED:
        return Refused("wrong_state", f"the ticket goes on in {ticket.merged_into}; act on that one")
    permission = states.get(ticket.state)
    if permission is not None and has_role(permission.who, action, ticket, context):
        outcome = permission.effect(ticket, action, now, context)
        return outcome if isinstance(outcome, Refused) else outcome.caused_by(action.action_id)
    possible = f"possible now for {action.actor.kind} {action.actor.id}: {_possible(ticket, action, context)}"
    if permission is None:
        needed = f"{action.kind} needs a ticket that is {' or '.join(states)}, this one is {ticket.state}"
        return Refused("wrong_state", f"{needed}; {possible}")
    who = " or ".join(sorted(permission.who))
    return Refused("wrong_actor", f"{action.kind} is for {who} while the ticket is {ticket.state}; {possible}")


def _possible(ticket: Ticket, action: ActionRequested, context: DecisionContext) -> str:
    """What this actor may do with the ticket as it stands."""
    kinds = [
        kind.value
        for kind, states in TABLE.items()
        if ticket.state in states and has_role(states[ticket.state].who, action, ticket, context)
    ]
    return ", ".join(kinds) or "nothing"
