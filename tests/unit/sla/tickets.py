"""A ticket of the tests: opened on a Monday at eight, promised two hours and a day."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from services.sla.domain import clocks
from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import TicketClocks
from services.sla.domain.decisions import Decision, timers
from services.sla.domain.promises import Facts, LadderTerms, Rung, Target, Terms

OPENED = datetime(2026, 11, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = Calendar.parse({"timezone": "UTC", "always_open": True})
OFFICE = Calendar.parse({"timezone": "UTC", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed")}})
CALENDARS: Mapping[str, Calendar] = {"always@1": ALWAYS, "office@1": OFFICE}
RUNGS = (Rung("supervisor", HOUR / 2), Rung("technical", HOUR), Rung("operations"))
FACTS = Facts("standard", "complex", "topup_not_arrived")
TERMS = Terms(
    policy="standard",
    calendar="always@1",
    first_answer=Target(2 * HOUR, HOUR / 2),
    plan=Target(24 * HOUR, 6 * HOUR),
    next_answer=Target(4 * HOUR, HOUR),
    max_member_pause=10 * HOUR,
    ladder=LadderTerms(RUNGS),
)


def after(hours: float) -> datetime:
    return OPENED + hours * HOUR


def opened(terms: Terms = TERMS) -> TicketClocks:
    return clocks.on_opened(FACTS, terms, OPENED, CALENDARS).state


def on_time(state: TicketClocks, hours: float) -> Decision:
    return clocks.on_time(state, after(hours), CALENDARS)


def moved(before: TicketClocks, decision: Decision) -> dict[str, datetime | None]:
    """What a decision does to the timers: kind -> its new time, None for one that is over."""
    old, new = timers(before), timers(decision.state)
    return {kind: new.get(kind) for kind in sorted(old.keys() | new.keys()) if old.get(kind) != new.get(kind)}
