"""China's days off and make-up workdays in a working calendar."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.sla.domain.calendar import Calendar
from services.sla.domain.chinese_days import PUBLISHED, PUBLISHED_UNTIL, chinese_year

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKLY = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu")} | {"fri": [["09:00", "12:00"]]}
OFFICE = {"timezone": "Asia/Shanghai", "weekly": WEEKLY, "country": "CN"}


def days(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=step) for step in range((end - start).days + 1)}


def test_the_breaks_of_2026_are_those_of_the_notice() -> None:
    """The days off of 2026 are exactly the breaks of the State Council's notice, weekends included."""
    assert chinese_year(2026).off == (
        days("2026-01-01", "2026-01-03") | days("2026-02-15", "2026-02-23") | days("2026-04-04", "2026-04-06")
        | days("2026-05-01", "2026-05-05") | days("2026-06-19", "2026-06-21") | days("2026-09-25", "2026-09-27")
        | days("2026-10-01", "2026-10-07")
    )  # fmt: skip


def test_the_makeup_workdays_of_2026_are_those_of_the_notice() -> None:
    """The make-up workdays of 2026 are those of the notice, each with the weekday it makes up for."""
    assert {day.isoformat(): weekday for day, weekday in chinese_year(2026).makeup.items()} == {
        "2026-01-04": 4, "2026-02-14": 4, "2026-02-28": 0, "2026-05-09": 1, "2026-09-20": 1, "2026-10-10": 2,
    }  # fmt: skip


def test_a_makeup_day_can_fall_in_the_year_before() -> None:
    """31 December 2011 was worked for a day off of 2012."""
    assert date(2011, 12, 31) in chinese_year(2011).makeup


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2007-12-30", "2008-01-01"),
        ("2012-01-01", "2012-01-03"),
        ("2017-12-30", "2018-01-01"),
        ("2018-12-30", "2019-01-01"),
        ("2020-01-01", "2020-01-01"),
        ("2022-01-01", "2022-01-03"),
        ("2022-12-31", "2023-01-02"),
        ("2023-12-30", "2024-01-01"),
        ("2025-01-01", "2025-01-01"),
        ("2026-01-01", "2026-01-03"),
    ],
)
def test_the_break_at_the_turn_of_the_year_is_whole(first: str, last: str) -> None:
    """New Year's break of a notice closes on both sides of midnight, and no day more."""
    year = int(last[:4])
    turn = {
        day for day in chinese_year(year - 1).off | chinese_year(year).off if abs((day - date(year, 1, 1)).days) < 6
    }
    assert turn == days(first, last)


@pytest.mark.parametrize("year", sorted(PUBLISHED))
def test_a_published_year_fits_together(year: int) -> None:
    """No day is off and worked; only weekends are worked; beside a break stands a worked day, on both of its sides."""
    known = {at: chinese_year(at) for at in (year - 1, year, year + 1)}
    off = frozenset().union(*(one.off for one in known.values()))
    worked = {day for one in known.values() for day in one.makeup}
    assert not off & worked
    assert all(day.weekday() >= 5 for day in known[year].makeup)
    assert date(year, 1, 1) in off
    for day in known[year].off:
        for beside in (day - timedelta(days=1), day + timedelta(days=1)):
            if beside.year in PUBLISHED:
                assert beside in off or beside in worked or beside.weekday() < 5


def test_an_unpublished_year_has_only_what_the_law_fixes() -> None:
    """Past the published years National Day is still closed, no weekend is worked, and the calendar says so."""
    later = chinese_year(PUBLISHED_UNTIL + 1)
    assert date(PUBLISHED_UNTIL + 1, 10, 1) in later.off
    assert not later.makeup
    assert Calendar.parse(OFFICE).known_until == date(PUBLISHED_UNTIL, 12, 31)
    assert Calendar.parse({"timezone": "UTC", "always_open": True}).known_until is None


@pytest.mark.parametrize(
    ("day", "fields", "open_hours"),
    [
        (date(2026, 10, 2), {}, 0),
        (date(2026, 10, 2), {"overrides": {"2026-10-02": [["10:00", "12:00"]]}}, 0),
        (date(2026, 10, 10), {}, 9),
        (date(2026, 2, 14), {}, 3),
        (date(2026, 10, 17), {}, 0),
        (date(2026, 10, 10), {"overrides": {"2026-10-10": [["10:00", "12:00"]]}}, 2),
        (date(2026, 10, 10), {"holidays": ["2026-10-10"]}, 0),
        (date(2026, 10, 10), {"weekly": {"sat": [["10:00", "14:00"]]}}, 4),
    ],
)
def test_the_country_changes_the_week(day: date, fields: dict[str, object], open_hours: int) -> None:
    """A day off closes, a make-up Saturday has the hours of the weekday it stands for, what is written by hand wins."""
    start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    calendar = Calendar.parse(OFFICE | fields)
    assert calendar.elapsed(start, start + timedelta(days=1)) == timedelta(hours=open_hours)
