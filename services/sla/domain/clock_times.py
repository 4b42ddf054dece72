"""When the clocks of a ticket are due and when they warn, given its pauses and the time it lay resolved."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import ClockStatus, Span, TicketClock, TicketClocks
from services.sla.domain.promises import Target
from shared.contracts.vocabulary import Clock

NONE = timedelta(0)


def started(name: str, cycle: int, at: datetime, target: Target) -> TicketClock:
    """A clock that starts at `at`, not timed yet."""
    return TicketClock(name, cycle, at, target, due=at, warn_at=None)


def timed(state: TicketClocks, clock: TicketClock, calendar: Calendar) -> TicketClock:
    """The clock with its due and warning time, from its start, its target and every pause of the ticket it heeds."""
    pauses = _pauses(state, clock.name)
    target = clock.target
    unwarned = target.within - target.warn_before
    return replace(
        clock,
        due=calendar.due(clock.started_at, target.within, pauses),
        warn_at=calendar.due(clock.started_at, unwarned, pauses) if target.warn_before and unwarned > NONE else None,
    )


def retimed(state: TicketClocks, calendar: Calendar) -> TicketClocks:
    """The state with every running clock timed anew; a broken promise, or one due at once, stays where it is."""
    return replace(
        state,
        clocks=tuple(
            timed(state, clock, calendar)
            if clock.status is ClockStatus.RUNNING and not clock.breached and not clock.at_once
            else clock
            for clock in state.clocks
        ),
    )


def _pauses(state: TicketClocks, name: str) -> tuple[Span, ...]:
    return (*state.idle, *_member_waits(state)) if name == Clock.PLAN else state.idle


def _member_waits(state: TicketClocks) -> list[Span]:
    """The waits that pause the plan, cut where the ticket's allowance is used up; a wait under way takes all of it."""
    left = state.terms.max_member_pause
    spans: list[Span] = []
    for begin, end in state.waits:
        taken = min(end - begin, left)
        spans.append((begin, begin + taken))
        left -= taken
    if state.waiting_since is not None:
        spans.append((state.waiting_since, state.waiting_since + left))
    return spans
