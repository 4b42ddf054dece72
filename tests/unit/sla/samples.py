"""What tickets of the tests are promised: two hours and a day, from a Monday at eight."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from services.sla.domain.calendar import Calendar
from services.sla.domain.promises import LadderTerms, PolicyInput, Rung, Target, Terms

OPENED = datetime(2026, 11, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = Calendar.parse({"timezone": "UTC", "always_open": True})
OFFICE = Calendar.parse({"timezone": "UTC", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed")}})
CALENDARS: Mapping[str, Calendar] = {"always@1": ALWAYS, "office@1": OFFICE}
RUNGS = (Rung("supervisor", HOUR / 2), Rung("technical", HOUR), Rung("operations"))
POLICY_INPUT = PolicyInput("standard", "complex", "topup_not_arrived")
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
