"""The escalation ladder: who is called when a promise breaks, and who next when nobody takes charge.

Each (clock, cycle, level) of a ticket is called at most once, for a ladder only climbs and a cycle has one ladder.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import Ladder
from services.sla.domain.decisions import Escalated
from services.sla.domain.promises import LadderTerms
from shared.contracts.vocabulary import EscalationCause

Ladders = tuple[Ladder, ...]


def on_breach(
    ladders: Ladders, clock: str, cycle: int, terms: LadderTerms, calendar: Calendar, now: datetime
) -> tuple[Ladders, list[Escalated]]:
    """A breached clock calls level 1, once per cycle."""
    known = any(ladder.clock == clock and ladder.cycle >= cycle for ladder in ladders)
    if known or not terms.rungs:
        return ladders, []
    return _put(ladders, Ladder(clock, cycle, 0, EscalationCause.BREACH), 1, terms, calendar, now)


def climb(ladders: Ladders, terms: LadderTerms, calendar: Calendar, now: datetime) -> tuple[Ladders, list[Escalated]]:
    """Every ladder nobody acknowledged in time goes up one level, after an outage too: each level has its time."""
    called: list[Escalated] = []
    for ladder in ladders:
        if ladder.active and ladder.climb_at is not None and ladder.climb_at <= now:
            ladders, events = _put(ladders, ladder, ladder.level + 1, terms, calendar, now)
            called += events
    return ladders, called


def raise_level(
    ladders: Ladders, cause: str, terms: LadderTerms, calendar: Calendar, now: datetime
) -> tuple[Ladders, list[Escalated]]:
    """An appeal or a person raises the highest active ladder by one level, or starts the ticket's own.

    A second appeal, after the first was dealt with, goes one level above the first. On the last level there is nobody
    above: an active ladder stays as it is.
    """
    if not terms.rungs:
        return ladders, []
    highest = max((ladder for ladder in ladders if ladder.active), key=lambda ladder: ladder.level, default=None)
    if highest is not None:
        if highest.level >= len(terms.rungs):
            return ladders, []
        return _put(ladders, replace(highest, cause=cause), highest.level + 1, terms, calendar, now)
    own = next((ladder for ladder in ladders if ladder.clock is None), None)
    started = Ladder(None, own.cycle + 1 if own else 1, 0, cause)
    level = min(own.level + 1 if own else 1, len(terms.rungs))
    return _put(ladders, started, level, terms, calendar, now)


def acknowledge(ladders: Ladders) -> Ladders:
    """Somebody took charge: no ladder of the ticket climbs any further in its cycle."""
    return tuple(replace(ladder, acknowledged=True, climb_at=None) if ladder.active else ladder for ladder in ladders)


def stop(ladders: Ladders, clocks: Iterable[str | None]) -> Ladders:
    """The ladders of these clocks (None: the ticket's own) are over."""
    over = set(clocks)
    return tuple(replace(ladder, active=False, climb_at=None) if ladder.clock in over else ladder for ladder in ladders)


def _put(
    ladders: Ladders, ladder: Ladder, level: int, terms: LadderTerms, calendar: Calendar, now: datetime
) -> tuple[Ladders, list[Escalated]]:
    others = tuple(other for other in ladders if other.clock != ladder.clock)
    if level > len(terms.rungs):
        return (*others, replace(ladder, climb_at=None)), []
    rung = terms.rungs[level - 1]
    climb_at = None
    if rung.climb_after is not None and level < len(terms.rungs):
        climb_at = calendar.due(now, rung.climb_after) if terms.working_time else now + rung.climb_after
    risen = replace(ladder, level=level, active=True, acknowledged=False, climb_at=climb_at)
    return (*others, risen), [Escalated(level, rung.team, ladder.cause, ladder.clock)]
