"""Laws of working time, over calendars of several zones around their clock changes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.sla.domain.calendar import Calendar, Pause

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)
# Zones with an ordinary, a half-hour, a midnight and no clock change, each with a day near one.
PLACES = [
    ("Asia/Shanghai", datetime(2026, 9, 29, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 5, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 10, 31, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 29, tzinfo=UTC)),
]


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def hours(draw: st.DrawFn) -> list[list[str]]:
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    return [[clock(a * 15), clock(b * 15)] for a, b in zip(edges[::2], edges[1::2], strict=False)]


@st.composite
def questions(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    zone, around = draw(st.sampled_from(PLACES))
    dates = [(around + timedelta(days=step)).date().isoformat() for step in range(4)]
    document: dict[str, Any] = {
        "timezone": zone,
        "weekly": draw(st.dictionaries(st.sampled_from(DAYS), hours())),
        "holidays": draw(st.lists(st.sampled_from(dates), max_size=1)),
        "recurring_holidays": [day[5:] for day in draw(st.lists(st.sampled_from(dates), max_size=1))],
        "overrides": draw(st.dictionaries(st.sampled_from(dates), hours(), max_size=2)),
        "breaks": draw(st.dictionaries(st.sampled_from(dates), hours(), max_size=2)),
        "always_open": draw(st.booleans()),
    }
    if not document["always_open"]:
        document["weekly"]["wed"] = [["10:00", "11:00"]]
    start = around + timedelta(microseconds=draw(st.integers(0, 2 * 86_400_000_000)))
    return document, start


@st.composite
def pauses_near(draw: st.DrawFn, start: datetime) -> list[Pause]:
    found: list[Pause] = []
    for _ in range(draw(st.integers(0, 3))):
        begin = start + timedelta(minutes=draw(st.integers(-600, 2000)))
        found.append((begin, begin + timedelta(minutes=draw(st.integers(0, 900)))))
    return found


def open_by_the_wall(document: Mapping[str, Any], at: datetime) -> bool:
    """The contract read literally: what does the clock on the wall say, and is that open?"""
    wall = at.astimezone(ZoneInfo(document["timezone"]))
    day, now = wall.date().isoformat(), wall.strftime("%H:%M")

    def within(intervals: list[list[str]]) -> bool:
        return any(start <= now < end for start, end in intervals)

    if day in document["holidays"] or day[5:] in document["recurring_holidays"]:
        return False
    if within(document["breaks"].get(day, [])):
        return False
    week = [["00:00", "24:00"]] if document["always_open"] else document["weekly"].get(DAYS[wall.weekday()], [])
    return within(document["overrides"].get(day, week))


@given(questions(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_walk_minute_by_minute_agrees(question: tuple[dict[str, Any], datetime], data: st.DataObject) -> None:
    """Over two days, open or closed, elapsed and due agree with a walk that asks the wall clock every minute."""
    document, start = question
    start = start.replace(second=0, microsecond=0)
    pauses = data.draw(pauses_near(start))
    calendar = Calendar.parse(document)
    walked = 0
    for step in range(2 * 24 * 60):
        at = start + step * MINUTE
        is_open = open_by_the_wall(document, at)
        assert calendar.is_open(at) == is_open, at
        if is_open and not any(begin <= at < end for begin, end in pauses if end is not None):
            walked += 1
            if walked % 97 == 1:
                assert calendar.due(start, walked * MINUTE, pauses) == at + MINUTE
                assert calendar.elapsed(start, at + MINUTE, pauses) == walked * MINUTE
    assert calendar.elapsed(start, start + timedelta(days=2), pauses) == walked * MINUTE


@given(questions(), st.integers(1, 40 * 3_600_000_000), st.data())
@settings(max_examples=150, deadline=None)
def test_exactly_the_target_elapses_until_due(
    question: tuple[dict[str, Any], datetime], target: int, data: st.DataObject
) -> None:
    """From start to due exactly the target elapses, and a microsecond earlier it had not."""
    document, start = question
    pauses = data.draw(pauses_near(start))
    calendar, wanted = Calendar.parse(document), timedelta(microseconds=target)
    due = calendar.due(start, wanted, pauses)
    assert calendar.elapsed(start, due, pauses) == wanted
    assert calendar.elapsed(start, due - timedelta(microseconds=1), pauses) < wanted


@given(questions(), st.integers(0, 3_000_000_000_000), st.integers(0, 3_000_000_000_000))
@settings(max_examples=150, deadline=None)
def test_elapsed_time_adds_up(question: tuple[dict[str, Any], datetime], first: int, second: int) -> None:
    """What elapses from a to b and from b to c is what elapses from a to c."""
    document, a = question
    calendar = Calendar.parse(document)
    b = a + timedelta(microseconds=first)
    c = b + timedelta(microseconds=second)
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)


@given(questions(), st.integers(1, 10**11), st.integers(1, 10**11), st.integers(0, 10**11))
@settings(max_examples=150, deadline=None)
def test_due_times_keep_the_order(
    question: tuple[dict[str, Any], datetime], target: int, more: int, later: int
) -> None:
    """A longer target is due later, and the same target from a later start is never due earlier."""
    document, start = question
    calendar = Calendar.parse(document)
    due = calendar.due(start, timedelta(microseconds=target))
    assert calendar.due(start, timedelta(microseconds=target + more)) > due
    assert calendar.due(start + timedelta(microseconds=later), timedelta(microseconds=target)) >= due


@given(questions())
@settings(max_examples=150, deadline=None)
def test_the_next_opening_is_the_first_open_moment(question: tuple[dict[str, Any], datetime]) -> None:
    """Nothing is open before the next opening, and the opening itself is."""
    document, start = question
    calendar = Calendar.parse(document)
    opening = calendar.next_open(start)
    assume(opening >= start)
    assert calendar.is_open(opening)
    assert calendar.elapsed(start, opening) == timedelta(0)
