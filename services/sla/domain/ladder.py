"""The escalation ladder of a ticket: who is called when a promise breaks or the member appeals, and who next.

A ticket has one ladder, however many of its clocks break and however often its member clicks. It is climbed one rung
at a time and never downward: each team is called at most once in the life of a ticket. A rung that was called has its
time before the next one is, unless somebody of it took charge and the ticket still went wrong.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import Ladder, Reason
from services.sla.domain.decisions import Escalated
from services.sla.domain.promises import LadderTerms

Climb = tuple[Ladder, list[Escalated]]


def call(ladder: Ladder, reason: Reason, terms: LadderTerms, calendar: Calendar, now: datetime) -> Climb:
    """There is a reason to climb.

    While a rung that was called has its time, the reason joins the others and nobody further is called: two clocks
    that break at once, or a double click, are one call.
    """
    others = tuple(one for one in ladder.reasons if one.clock != reason.clock)
    if ladder.under_way:
        return replace(ladder, reasons=(*others, reason)), []
    return _next_rung(replace(ladder, reasons=(reason, *others)), terms, calendar, now)


def climb(ladder: Ladder, terms: LadderTerms, calendar: Calendar, now: datetime) -> Climb:
    """The rung that was called let its time pass: the next one is called, one at a time after an outage, too."""
    if ladder.climb_at is None or ladder.climb_at > now:
        return ladder, []
    return _next_rung(ladder, terms, calendar, now)


def acknowledge(ladder: Ladder) -> Ladder:
    """Somebody took charge: it climbs no further by itself."""
    return replace(ladder, acknowledged=True, climb_at=None) if ladder.active else ladder


def settle(ladder: Ladder, clocks: Iterable[str | None]) -> Ladder:
    """What these clocks (None: the member or a person) wanted is done. With no reason left the ladder rests."""
    settled = set(clocks)
    left = tuple(reason for reason in ladder.reasons if reason.clock not in settled)
    return replace(ladder, reasons=left) if left else Ladder(ladder.level)


def _next_rung(ladder: Ladder, terms: LadderTerms, calendar: Calendar, now: datetime) -> Climb:
    """One up. On the last rung there is nobody above, and a ladder without rungs calls nobody."""
    level = ladder.level + 1
    if level > len(terms.rungs):
        return replace(ladder, climb_at=None), []
    rung = terms.rungs[level - 1]
    climb_at = None
    if rung.climb_after is not None and level < len(terms.rungs):
        climb_at = calendar.due(now, rung.climb_after) if terms.working_time else now + rung.climb_after
    risen = replace(ladder, level=level, acknowledged=False, climb_at=climb_at)
    return risen, [Escalated(level, rung.team, ladder.reasons[0].cause, ladder.reasons[0].clock)]
