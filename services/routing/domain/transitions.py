"""The only judge: one table of what may be done with a ticket in which state, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.routing.domain import effects
from services.routing.domain.action import HOLDER_OR_SUPERVISOR, OF_THE_LADDER, Action, Who, is_one_of
from services.routing.domain.decision import Decision, Refused
from services.routing.domain.effects import Effect
from services.routing.domain.moves import Facts
from services.routing.domain.ticket import State, Ticket
from shared.contracts.vocabulary import ActionKind, ActorKind

QUEUED, ASSIGNED, ACCEPTED, WAITING = State.QUEUED, State.ASSIGNED, State.ACCEPTED, State.WAITING
RESOLVED, CLOSED = State.RESOLVED, State.CLOSED

_HOLDER = frozenset({Who.HOLDER})
_SUPERVISOR = frozenset({Who.SUPERVISOR})
_UNHELD_SOLVERS = frozenset({Who.SUPERVISOR, Who.SYSTEM})
_END_WAIT = HOLDER_OR_SUPERVISOR | {Who.SYSTEM}
_WITHDRAW = frozenset({Who.MEMBER, Who.SUPERVISOR, Who.SYSTEM})
_CLOSE = _WITHDRAW | {Who.SOLVER}
_REOPEN = frozenset({Who.MEMBER, Who.SUPERVISOR, Who.SYSTEM})
_MEMBER = frozenset({Who.MEMBER})
_ANY_AGENT = frozenset({Who.AGENT, Who.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may, and what it does."""

    who: frozenset[Who]
    effect: Effect


TABLE: Final[Mapping[ActionKind, Mapping[State, Permission]]] = {
    ActionKind.ACCEPT: {
        ASSIGNED: Permission(_HOLDER, effects.accept),
    },
    ActionKind.DECLINE: {
        ASSIGNED: Permission(_HOLDER, effects.decline),
    },
    ActionKind.ANSWER: {
        QUEUED: Permission(_SUPERVISOR, effects.answer),
        ASSIGNED: Permission(_SUPERVISOR, effects.answer),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, effects.answer),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, effects.answer),
    },
    ActionKind.WAIT: {
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, effects.wait),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, effects.wait),
    },
    ActionKind.RESUME: {
        WAITING: Permission(_END_WAIT, effects.end_wait),
    },
    ActionKind.RESOLVE: {
        QUEUED: Permission(_UNHELD_SOLVERS, effects.resolve),
        ASSIGNED: Permission(_UNHELD_SOLVERS, effects.resolve),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, effects.resolve),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, effects.resolve),
    },
    ActionKind.REOPEN: {
        RESOLVED: Permission(_REOPEN, effects.reopen),
        CLOSED: Permission(_REOPEN, effects.reopen),
    },
    ActionKind.CLOSE: {
        QUEUED: Permission(_WITHDRAW, effects.close),
        ASSIGNED: Permission(_WITHDRAW, effects.close),
        ACCEPTED: Permission(_WITHDRAW, effects.close),
        WAITING: Permission(_WITHDRAW, effects.close),
        RESOLVED: Permission(_CLOSE, effects.close),
    },
    ActionKind.APPEAL: {
        QUEUED: Permission(_MEMBER, effects.appeal),
        ASSIGNED: Permission(_MEMBER, effects.appeal),
        ACCEPTED: Permission(_MEMBER, effects.appeal),
        WAITING: Permission(_MEMBER, effects.appeal),
        RESOLVED: Permission(_MEMBER, effects.appeal),
        CLOSED: Permission(_MEMBER, effects.appeal),
    },
    ActionKind.TRANSFER: {
        QUEUED: Permission(_SUPERVISOR, effects.transfer),
        ASSIGNED: Permission(_SUPERVISOR, effects.transfer),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, effects.transfer),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, effects.transfer),
    },
    ActionKind.CORRECT_TYPE: {
        QUEUED: Permission(_ANY_AGENT, effects.correct_type),
        ASSIGNED: Permission(HOLDER_OR_SUPERVISOR, effects.correct_type),
        ACCEPTED: Permission(HOLDER_OR_SUPERVISOR, effects.correct_type),
        WAITING: Permission(HOLDER_OR_SUPERVISOR, effects.correct_type),
    },
    ActionKind.ACKNOWLEDGE: {
        QUEUED: Permission(OF_THE_LADDER, effects.acknowledge),
        ASSIGNED: Permission(OF_THE_LADDER, effects.acknowledge),
        ACCEPTED: Permission(OF_THE_LADDER, effects.acknowledge),
        WAITING: Permission(OF_THE_LADDER, effects.acknowledge),
    },
}


def judge(ticket: Ticket, action: Action, now: datetime, facts: Facts) -> Decision | Refused:
    """What an action does to a ticket, or why it may not be done and what may. Changes nothing by itself."""
    states = next((TABLE[kind] for kind in TABLE if kind == action.kind), None)
    if states is None:
        return Refused("unknown_action", f"there is no action {action.kind!r}; there are {', '.join(TABLE)}")
    if action.actor_kind not in set(ActorKind):
        return Refused("unknown_actor", f"there is no actor {action.actor_kind!r}; there are {', '.join(ActorKind)}")
    if ticket.state is State.MERGED:
        return Refused("wrong_state", f"the ticket goes on in {ticket.merged_into}; act on that one")
    permission = states.get(ticket.state)
    if permission is not None and is_one_of(permission.who, action, ticket, facts):
        return permission.effect(ticket, action, now, facts)
    possible = f"possible now for {action.actor_kind} {action.actor_id}: {_possible(ticket, action, facts)}"
    if permission is None:
        needed = f"{action.kind} needs a ticket that is {' or '.join(states)}, this one is {ticket.state}"
        return Refused("wrong_state", f"{needed}; {possible}")
    who = " or ".join(sorted(permission.who))
    return Refused("wrong_actor", f"{action.kind} is for {who} while the ticket is {ticket.state}; {possible}")


def _possible(ticket: Ticket, action: Action, facts: Facts) -> str:
    """What this actor may do with the ticket as it stands."""
    kinds = [
        kind.value
        for kind, states in TABLE.items()
        if ticket.state in states and is_one_of(states[ticket.state].who, action, ticket, facts)
    ]
    return ", ".join(kinds) or "nothing"
