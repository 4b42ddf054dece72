"""When the clocks of a ticket are due and when they warn, given its pauses and the time it lay resolved."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import ClockStatus, Span, TicketClock, TicketClocks
from services.sla.domain.promises import Target
from shared.contracts.vocabulary import Clock

NONE = timedelta(0)


def started(
    state: TicketClocks,
    name: str,
    at: datetime,
    target: Target,
    calendar: Calendar,
    *,
    cycle: int = 1,
    status: ClockStatus = ClockStatus.RUNNING,
) -> TicketClock:
    """A clock that starts at `at`, with its times."""
    return timed(state, TicketClock(name, cycle, at, target, due=at, warn_at=None, status=status), calendar)


def timed(state: TicketClocks, clock: TicketClock, calendar: Calendar) -> TicketClock:
    """The clock with its due and warning time, from its start, its target and every pause of the ticket it heeds."""
    pauses = _pauses(state, clock.name)
    target = clock.target
    unwarned = target.within - target.warn_before
    # Both are counted forward from the start: what comes before the due time is working time too, and a wait that ends
    # moves the warning with it.
    return replace(
        clock,
        due=calendar.due(clock.started_at, target.within, pauses),
        warn_at=calendar.due(clock.started_at, unwarned, pauses) if target.warn_before and unwarned > NONE else None,
    )


def retimed(state: TicketClocks, calendar: Calendar) -> TicketClocks:
    """The state with every running clock timed anew; a broken promise, or one due at once, stays where it is."""
    # What is broken was published with the moment it broke; what fell due at once has no time of its own to be moved.
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
    # A member who owes us a word still is owed an answer to their last one: only the plan needs what they would say.
    return (*state.idle, *_member_waits(state)) if name == Clock.PLAN else state.idle


def _member_waits(state: TicketClocks) -> list[Span]:
    """The waits that pause the plan, cut where the ticket's allowance is used up; a wait under way takes all of it."""
    left = state.terms.max_member_pause
    spans: list[Span] = []
    for begin, end in state.waits:
        taken = min(end - begin, left)
        spans.append((begin, begin + taken))
        left -= taken
    # Nobody knows how long the member takes. With all of the allowance gone the due time is one that can be acted on:
    # should they never return, the plan breaks then, without anybody having to watch the wait itself.
    if state.waiting_since is not None:
        spans.append((state.waiting_since, state.waiting_since + left))
    return spans
