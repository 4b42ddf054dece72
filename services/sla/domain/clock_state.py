"""What is kept of one ticket: its clocks and its escalation ladder, as one JSON document in one row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from services.sla.domain.promises import PolicyInput, Target, Terms

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

    It has its times from the start on. While the plan clock is paused, `due` is when it falls due should the member
    never return. `at_once`: a change of terms found the time already used up, so that it fell due at that moment.
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
class Reason:
    """Why a ticket is escalated: a clock that broke, or (`clock` None) the member or a person."""

    clock: str | None
    cause: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far a ticket was escalated, and why it still is: the reason of the latest call first.

    `level` is the highest rung ever called; it only rises. `climb_at` is when that rung has had its time; None once
    acknowledged, and on the last rung.
    """

    level: int = 0
    reasons: tuple[Reason, ...] = ()
    acknowledged: bool = False
    climb_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether somebody is still to see to the ticket."""
        return bool(self.reasons)

    @property
    def under_way(self) -> bool:
        """Whether a rung was called that nobody acknowledged yet."""
        return self.active and self.level > 0 and not self.acknowledged


@dataclass(frozen=True, slots=True)
class Dues:
    """The due times last published."""

    first_answer: datetime
    plan: datetime | None = None
    next_answer: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketClocks:
    """All that sla keeps of one ticket. Waits and idle spans are real time, closed, in order."""

    # the rows that lie in databases call it `facts`
    policy_input: Annotated[PolicyInput, Field(alias="facts")]
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
    ladder: Ladder = Ladder()

    def clock(self, name: str) -> TicketClock | None:
        """The clock of this name, in its latest cycle; None when it was never started."""
        return next((clock for clock in self.clocks if clock.name == name), None)

    @property
    def level(self) -> int:
        """The rung the ticket is on; 0 when nobody wants it escalated."""
        return self.ladder.level if self.ladder.active else 0


_ADAPTER = TypeAdapter(TicketClocks)


def to_json(state: TicketClocks) -> str:
    """The state as JSON text."""
    return _ADAPTER.dump_json(state, by_alias=True).decode()


def from_json(document: object) -> TicketClocks:
    """The state from the values of what `to_json` wrote; fields it did not have yet take their defaults."""
    if isinstance(document, dict) and document.get("ladders"):
        document = {**document, "ladder": _one_ladder(document["ladders"])}
    return _ADAPTER.validate_python(document)


def _one_ladder(ladders: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows of earlier versions have a ladder for each clock; the highest one speaks for all."""
    active = sorted((ladder for ladder in ladders if ladder["active"]), key=lambda ladder: -int(ladder["level"]))
    return {
        "level": max(ladder["level"] for ladder in ladders),
        "reasons": [{"clock": ladder["clock"], "cause": ladder["cause"]} for ladder in active],
        "acknowledged": bool(active) and active[0]["acknowledged"],
        "climb_at": active[0]["climb_at"] if active else None,
    }
