"""What is kept of one ticket: its clocks and its escalation ladders, as one JSON document in one row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from services.sla.domain.promises import Facts, Target, Terms

Span = tuple[datetime, datetime]


class Phase(StrEnum):
    """Where the ticket stands."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


class ClockStatus(StrEnum):
    """Where one clock stands: suspended is stopped with time left, dropped is no longer promised."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    MET = "met"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class TicketClock:
    """One promise being measured. `cycle` counts from 1; only the next-answer clock has more than one.

    While the plan clock is paused, `due` is when it falls due should the member never return. `at_once` says that a
    change of terms found the time already used up, so that it fell due at the moment of the change.
    """

    name: str
    cycle: int
    started_at: datetime
    target: Target
    due: datetime
    warn_at: datetime | None
    status: ClockStatus = ClockStatus.RUNNING
    warned: bool = False
    breached: bool = False
    at_once: bool = False
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """One climb through the escalation levels, of a clock or (`clock` None) of the ticket itself.

    Active until an answer or a solution; `climb_at` is None once acknowledged and on the last level.
    """

    clock: str | None
    cycle: int
    level: int
    cause: str
    active: bool = True
    acknowledged: bool = False
    climb_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dues:
    """The due times last published."""

    first_answer: datetime
    plan: datetime | None = None
    next_answer: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketClocks:
    """All that sla keeps of one ticket. Waits and idle spans are real time, closed, in order."""

    facts: Facts
    terms: Terms
    opened_at: datetime
    clocks: tuple[TicketClock, ...]
    published: Dues
    phase: Phase = Phase.OPEN
    answered_at: datetime | None = None
    agent_answered_at: datetime | None = None
    waiting_since: datetime | None = None
    waits: tuple[Span, ...] = ()
    resolved_at: datetime | None = None
    idle: tuple[Span, ...] = ()
    ladders: tuple[Ladder, ...] = ()

    def clock(self, name: str) -> TicketClock | None:
        """The clock of this name, in its latest cycle; None when it was never started."""
        return next((clock for clock in self.clocks if clock.name == name), None)

    @property
    def level(self) -> int:
        """The highest level an active ladder has reached; 0 when nothing is escalated."""
        return max((ladder.level for ladder in self.ladders if ladder.active), default=0)


_ADAPTER = TypeAdapter(TicketClocks)


def to_json(state: TicketClocks) -> str:
    """The state as JSON text."""
    return _ADAPTER.dump_json(state).decode()


def from_json(document: object) -> TicketClocks:
    """The state from the values of what `to_json` wrote; fields it did not have yet take their defaults."""
    return _ADAPTER.validate_python(document)
