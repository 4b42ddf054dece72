"""The life of a ticket: its states, what may be done with it in which of them, by whom, and where that leads.

Routing judges by these tables, and whoever shows a ticket reads the same ones. Only routing knows who an actor is, so
only routing can refuse; to others they say what is worth offering.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.contracts.vocabulary import ActionKind


class TicketState(StrEnum):
    """Where a ticket stands. ``assigned`` is a reservation: the agent has yet to accept."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


class TicketRole(StrEnum):
    """Who an action may be for. The value is how a refusal names them."""

    HOLDER = "the agent who has the ticket"
    SOLVER = "the agent who had it last"
    AGENT = "any agent"
    MEMBER = "the member of the ticket"
    SUPERVISOR = "a supervisor"
    LADDER = "somebody of the team it was escalated to"
    SYSTEM = "the system"


Roles = frozenset[TicketRole]

HOLDER: Final[Roles] = frozenset({TicketRole.HOLDER})
SUPERVISOR: Final[Roles] = frozenset({TicketRole.SUPERVISOR})
MEMBER: Final[Roles] = frozenset({TicketRole.MEMBER})
SYSTEM: Final[Roles] = frozenset({TicketRole.SYSTEM})
AGENT: Final[Roles] = frozenset({TicketRole.AGENT})
SOLVER: Final[Roles] = frozenset({TicketRole.SOLVER})
LADDER: Final[Roles] = frozenset({TicketRole.LADDER}) | SUPERVISOR


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may, and the states the ticket may be in afterwards."""

    who: Roles
    leads_to: frozenset[TicketState]


def _may(to: set[TicketState], who: Mapping[TicketState, Roles]) -> dict[TicketState, Permission]:
    return {state: Permission(roles, frozenset(to)) for state, roles in who.items()}


def _stays(who: Mapping[TicketState, Roles]) -> dict[TicketState, Permission]:
    return {state: Permission(roles, frozenset({state})) for state, roles in who.items()}


_QUEUED, _ASSIGNED, _ACCEPTED = TicketState.QUEUED, TicketState.ASSIGNED, TicketState.ACCEPTED
_WAITING, _RESOLVED, _CLOSED = TicketState.WAITING, TicketState.RESOLVED, TicketState.CLOSED
_OPEN: Final = (_QUEUED, _ASSIGNED, _ACCEPTED, _WAITING)
_ENDED: Final = (_RESOLVED, _CLOSED)
# What it leads to where somebody is looked for at once: the agent who had it may be free.
_SOMEBODY: Final = {_QUEUED, _ASSIGNED}

_HELD_BY: Final = HOLDER | SUPERVISOR
_WITHDRAW: Final = MEMBER | SUPERVISOR | SYSTEM
_STAFF: Final = AGENT | SUPERVISOR | SYSTEM
# Before anybody has accepted it there is nobody whose work it would be.
_WORKED_ON_BY: Final = {_QUEUED: SUPERVISOR, _ASSIGNED: SUPERVISOR, _ACCEPTED: _HELD_BY, _WAITING: _HELD_BY}
_UNHELD: Final = SUPERVISOR | SYSTEM
_RESOLVE: Final = {_QUEUED: _UNHELD, _ASSIGNED: _UNHELD, _ACCEPTED: _HELD_BY, _WAITING: _HELD_BY}

PERMITTED: Final[Mapping[ActionKind, Mapping[TicketState, Permission]]] = {
    ActionKind.ACCEPT: _may({_ACCEPTED}, {_ASSIGNED: HOLDER}),
    ActionKind.DECLINE: _may({_QUEUED}, {_ASSIGNED: HOLDER}),
    ActionKind.ANSWER: _stays(_WORKED_ON_BY),
    ActionKind.WAIT: _may({_WAITING}, {_ACCEPTED: _HELD_BY, _WAITING: _HELD_BY}),
    ActionKind.RESUME: _may({_ACCEPTED}, {_WAITING: _HELD_BY | SYSTEM}),
    ActionKind.RESOLVE: _may({_RESOLVED}, _RESOLVE),
    ActionKind.REOPEN: _may(_SOMEBODY, dict.fromkeys(_ENDED, _WITHDRAW)),
    ActionKind.CLOSE: _may({_CLOSED}, {**dict.fromkeys(_OPEN, _WITHDRAW), _RESOLVED: _WITHDRAW | SOLVER}),
    ActionKind.APPEAL: _stays(dict.fromkeys(_OPEN, MEMBER)) | _may(_SOMEBODY, dict.fromkeys(_ENDED, MEMBER)),
    ActionKind.TRANSFER: _may(_SOMEBODY, _WORKED_ON_BY),
    ActionKind.CORRECT_TYPE: {
        **_stays({_QUEUED: AGENT | SUPERVISOR}),
        # The queue of the new type may be another one; who has accepted it keeps it all the same.
        **_may({_ASSIGNED, _QUEUED}, {_ASSIGNED: _HELD_BY}),
        **_stays(dict.fromkeys((_ACCEPTED, _WAITING), _HELD_BY)),
    },
    ActionKind.ACKNOWLEDGE: _stays(dict.fromkeys(_OPEN, LADDER)),
    ActionKind.NOTE: _stays(dict.fromkeys((*_OPEN, *_ENDED), _STAFF)),
}
"""What may be done with a ticket. Nothing with one that was merged: the ticket it goes on in is the one to act on."""

REQUIRED: Final[Mapping[ActionKind, str]] = {
    ActionKind.ANSWER: "text",
    ActionKind.WAIT: "on",
    ActionKind.TRANSFER: "to",
    ActionKind.CORRECT_TYPE: "to",
    ActionKind.NOTE: "text",
}
"""The field an action is refused without; ``TAKES`` names those that it makes use of."""
