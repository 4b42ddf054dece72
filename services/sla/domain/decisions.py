"""What a change of a ticket's clocks leads to: events to publish, and the timers it needs from then on."""

from dataclasses import dataclass
from datetime import datetime

from services.sla.domain.clock_state import ClockStatus, TicketClocks


@dataclass(frozen=True, slots=True)
class Promised:
    """The promise as it stands now: on opening, and whenever a due time moves.

    `at_once` names the clocks whose time was already used up when their terms changed.
    """

    first_answer_due: datetime
    plan_due: datetime | None
    next_answer_due: datetime | None
    policy: str
    calendar: str
    at_once: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """A promise is about to break; `level` is the escalation level the ticket is on."""

    clock: str
    due: datetime
    level: int


@dataclass(frozen=True, slots=True)
class Breached:
    """A promise broke, at `due`; `level` is the escalation level this takes the ticket to."""

    clock: str
    due: datetime
    level: int


@dataclass(frozen=True, slots=True)
class Escalated:
    """The next rung is called. `clock` is None when no clock but the member or a person asked for it."""

    level: int
    team: str
    cause: str
    clock: str | None


Event = Promised | Warned | Breached | Escalated


@dataclass(frozen=True, slots=True)
class Decision:
    """The new state, and the events in the order to publish. The timers follow from the state, see ``timers``."""

    state: TicketClocks
    events: tuple[Event, ...] = ()


def timers(state: TicketClocks) -> dict[str, datetime]:
    """Every timer the ticket needs, by kind: `warn:<clock>`, `breach:<clock>`, `climb`.

    All of them lead to `clocks.on_time`; a timer too many or too early does nothing there.
    """
    wanted = {}
    for clock in state.clocks:
        if clock.status is ClockStatus.RUNNING and not clock.breached:
            wanted[f"breach:{clock.name}"] = clock.due
            if clock.warn_at is not None and not clock.warned:
                wanted[f"warn:{clock.name}"] = clock.warn_at
    if state.ladder.climb_at is not None:
        wanted["climb"] = state.ladder.climb_at
    return wanted
