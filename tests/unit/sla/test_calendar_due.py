"""When a promise is due: the named cases of the contract, one by one."""

from datetime import datetime, timedelta

import pytest

from services.sla.domain.calendar import Calendar, CalendarError, Pause

WEEK = ("mon", "tue", "wed", "thu", "fri")
SPLIT = {
    "timezone": "Asia/Shanghai",
    "weekly": {day: [["09:00", "12:00"], ["13:30", "18:00"]] for day in WEEK},
}
NEW_YORK = {"timezone": "America/New_York", "weekly": {"sun": [["00:00", "24:00"]], "mon": [["00:00", "24:00"]]}}


def at(text: str, zone: str = "+08:00") -> datetime:
    return datetime.fromisoformat(f"{text}{zone}")


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


@pytest.mark.parametrize(
    ("start", "target", "due", "why"),
    [
        ("2026-11-02T09:00:00", 3600, "2026-11-02T10:00:00", "inside one interval"),
        ("2026-11-02T11:30:00", 3600, "2026-11-02T14:00:00", "over the lunch"),
        ("2026-11-02T11:00:00", 3600, "2026-11-02T12:00:00", "exactly at closing stays at closing"),
        ("2026-11-02T12:00:00", 3600, "2026-11-02T14:30:00", "closing time is closed"),
        ("2026-11-02T07:00:00", 60, "2026-11-02T09:01:00", "before opening"),
        ("2026-11-06T17:59:59.500000", 1, "2026-11-09T09:00:00.500000", "over the weekend, to the microsecond"),
        ("2026-11-07T12:00:00", 27000, "2026-11-09T18:00:00", "a whole day from a Saturday"),
        ("2026-11-02T09:00:00", 27001, "2026-11-03T09:00:01", "one second more than a day"),
    ],
)
def test_due_counts_working_time_only(start: str, target: int, due: str, why: str) -> None:
    """Only open time is counted, and the seconds of the start are kept."""
    assert Calendar.parse(SPLIT).due(at(start), seconds(target)) == at(due), why


def test_results_are_in_utc() -> None:
    """Whatever offset the question has, the answer is in UTC."""
    due = Calendar.parse(SPLIT).due(at("2026-11-02T09:00:00"), seconds(60))
    assert due.isoformat() == "2026-11-02T01:01:00+00:00"


@pytest.mark.parametrize("target", [0, -1, -0.000001, 0.0000001])
def test_a_target_without_time_is_refused(target: float) -> None:
    """A target of zero, less than zero or less than a microsecond is refused."""
    with pytest.raises(CalendarError, match="target_seconds"):
        Calendar.parse(SPLIT).due(at("2026-11-02T09:00:00"), seconds(target))


def test_a_time_without_offset_is_refused() -> None:
    """A local time that does not say where it is local is refused."""
    with pytest.raises(CalendarError, match="start"):
        Calendar.parse(SPLIT).due(at("2026-11-02T09:00:00", ""), seconds(1))


@pytest.mark.parametrize(
    ("fields", "open_hours"),
    [
        ({"overrides": {"2026-11-02": [["20:00", "24:00"]]}}, 4),
        ({"overrides": {"2026-11-02": []}}, 0),
        ({"overrides": {"2026-11-02": [["20:00", "24:00"]]}, "holidays": ["2026-11-02"]}, 0),
        ({"overrides": {"2026-11-02": [["20:00", "24:00"]]}, "recurring_holidays": ["11-02"]}, 0),
        ({"breaks": {"2026-11-02": [["11:00", "14:00"]]}}, 6),
        ({"breaks": {"2026-11-02": [["11:00", "13:00"], ["12:00", "14:00"]]}}, 6),
        ({"overrides": {"2026-11-02": [["08:00", "10:00"]]}, "breaks": {"2026-11-02": [["09:00", "09:30"]]}}, 1.5),
        ({"always_open": True}, 24),
        ({"always_open": True, "holidays": ["2026-11-02"]}, 0),
        ({"always_open": True, "breaks": {"2026-11-02": [["03:00", "04:00"]]}}, 23),
        ({"always_open": True, "overrides": {"2026-11-02": [["03:00", "04:00"]]}}, 1),
    ],
)
def test_what_a_date_says_beats_the_week(fields: dict[str, object], open_hours: float) -> None:
    """A holiday closes and beats an override, an override replaces the week, a break is taken out of what is left."""
    calendar = Calendar.parse(SPLIT | fields)
    assert calendar.elapsed(at("2026-11-02T00:00:00"), at("2026-11-03T00:00:00")) == timedelta(hours=open_hours)


def test_29_february_recurs_in_leap_years_only() -> None:
    """A recurring 02-29 closes that day where it exists and no other."""
    calendar = Calendar.parse(SPLIT | {"recurring_holidays": ["02-29"]})
    assert not calendar.is_open(at("2028-02-29T10:00:00"))
    assert calendar.is_open(at("2028-02-28T10:00:00"))
    assert calendar.is_open(at("2027-03-01T10:00:00"))


def test_the_spring_gap_holds_no_time() -> None:
    """On the day an hour is skipped, 24:00 comes after 23 real hours."""
    calendar = Calendar.parse(NEW_YORK)
    start = at("2026-03-08T00:00:00", "-05:00")
    assert calendar.due(start, timedelta(hours=23)) == at("2026-03-09T00:00:00", "-04:00")
    assert calendar.due(start, timedelta(hours=3)) == at("2026-03-08T04:00:00", "-04:00")


def test_the_autumn_hour_counts_twice() -> None:
    """On the day an hour is repeated, 24:00 comes after 25 real hours."""
    calendar = Calendar.parse(NEW_YORK)
    start = at("2026-11-01T00:00:00", "-04:00")
    assert calendar.due(start, timedelta(hours=25)) == at("2026-11-02T00:00:00", "-05:00")
    assert calendar.due(start, timedelta(hours=2)) == at("2026-11-01T01:00:00", "-05:00")


def test_a_skipped_interval_is_not_open_that_day() -> None:
    """Opening hours that a clock change skips wait for the next such day."""
    calendar = Calendar.parse({"timezone": "America/New_York", "weekly": {"sun": [["02:00", "03:00"]]}})
    assert calendar.next_open(at("2026-03-08T00:00:00", "-05:00")) == at("2026-03-15T02:00:00", "-04:00")


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([("10:00", "10:30")], "11:30"),
        ([("10:00", "10:30"), ("10:15", "10:45")], "11:45"),
        ([("10:20", "10:40"), ("10:00", "10:20")], "11:40"),
        ([("08:00", "09:30")], "11:30"),
        ([("12:00", "13:30")], "11:00"),
        ([("11:00", "11:30")], "11:00"),
        ([("10:00", "10:00")], "11:00"),
        ([("10:00", "13:00")], "14:30"),
        ([("11:00", None)], "11:00"),
    ],
)
def test_pauses_do_not_count(pauses: list[tuple[str, str | None]], due: str) -> None:
    """Paused time is left out once, however the pauses overlap and in whatever order they come."""
    day = "2026-11-02T"
    given: list[Pause] = [
        (at(f"{day}{begin}:00"), None if end is None else at(f"{day}{end}:00")) for begin, end in pauses
    ]
    calendar = Calendar.parse(SPLIT)
    assert calendar.due(at(f"{day}09:00:00"), timedelta(hours=2), given) == at(f"{day}{due}:00")


def test_a_reversed_pause_is_refused() -> None:
    """A pause that ends before it begins is refused by its place in the list."""
    pauses = [(at("2026-11-02T10:00:00"), at("2026-11-02T09:00:00"))]
    with pytest.raises(CalendarError, match=r"pauses\.0"):
        Calendar.parse(SPLIT).due(at("2026-11-02T09:00:00"), seconds(1), pauses)


def test_an_endless_pause_before_the_due_time_is_refused() -> None:
    """A promise paused for ever has no due time, and elapsed time stops at the pause."""
    calendar, start = Calendar.parse(SPLIT), at("2026-11-02T09:00:00")
    pauses: list[Pause] = [(at("2026-11-02T10:00:00"), None)]
    with pytest.raises(CalendarError, match="never due"):
        calendar.due(start, timedelta(hours=2), pauses)
    assert calendar.elapsed(start, at("2026-11-20T09:00:00"), pauses) == timedelta(hours=1)


def test_a_due_time_out_of_reach_is_refused() -> None:
    """A calendar that opens too little gives an error, not an endless search."""
    once = Calendar.parse({"timezone": "UTC", "overrides": {"2026-11-02": [["09:00", "10:00"]]}})
    assert once.due(at("2026-11-01T00:00:00"), timedelta(hours=1)) == at("2026-11-02T10:00:00", "+00:00")
    with pytest.raises(CalendarError, match="100 years"):
        once.due(at("2026-11-01T00:00:00"), timedelta(hours=1, microseconds=1))
    with pytest.raises(CalendarError, match="does not open again"):
        once.next_open(at("2026-11-03T00:00:00"))


def test_nothing_elapses_backwards() -> None:
    """An end before the start has no working time between them, with and without pauses."""
    calendar, late, early = Calendar.parse(SPLIT), at("2026-11-02T10:00:00"), at("2026-11-02T09:00:00")
    assert calendar.elapsed(late, early) == timedelta(0)
    assert calendar.elapsed(late, early, [(early, late)]) == timedelta(0)
    assert calendar.elapsed(late, early, [(early - timedelta(days=1), None)]) == timedelta(0)
