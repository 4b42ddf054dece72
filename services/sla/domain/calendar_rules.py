"""A working calendar as it is written (contract §4), checked before anything is computed with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60

Hours = tuple[tuple[int, int], ...]
"""Open intervals of one local day as minutes after midnight, half-open, in order; 1440 is 24:00."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_FIELDS = {
    "timezone", "weekly", "holidays", "recurring_holidays", "overrides", "breaks", "always_open", "country",
}  # fmt: skip
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class CalendarProblem:
    """One field that is refused: the way to it from the calendar's root, and why."""

    where: tuple[str | int, ...]
    reason: str

    def __str__(self) -> str:
        path = ".".join(str(part) for part in self.where)
        return f"{path}: {self.reason}" if path else self.reason


class CalendarError(ValueError):
    """The calendar, or what is asked of it, cannot be used; `problems` names every offending field."""

    def __init__(self, *problems: CalendarProblem) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """The fields of a calendar, parsed. Dates are local dates of `zone`."""

    zone: ZoneInfo
    weekly: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    recurring_holidays: frozenset[tuple[int, int]] = frozenset()
    overrides: Mapping[date, Hours] = field(default_factory=dict)
    breaks: Mapping[date, Hours] = field(default_factory=dict)
    always_open: bool = False
    country: str | None = None


def parse_rules(document: object) -> CalendarRules:
    """The rules of one calendar document. Raises `CalendarError` naming every field it refuses.

    Refused: unknown fields, an unknown time zone, a time that is not `HH:MM` (`24:00` only as an end), an interval that
    is empty or runs backwards, overlapping hours, a date that does not exist, a country other than `CN`.
    Overlapping breaks are joined: taking the same hour out twice is the same as once. Null means "not given".
    """
    reader = _Reader()
    rules = reader.read(document)
    if reader.problems or rules is None:
        raise CalendarError(*reader.problems)
    return rules


class _Reader:
    def __init__(self) -> None:
        self.problems: list[CalendarProblem] = []

    def refuse(self, where: tuple[str | int, ...], reason: str) -> None:
        self.problems.append(CalendarProblem(where, reason))

    def read(self, document: object) -> CalendarRules | None:
        if not isinstance(document, dict):
            self.refuse((), "a calendar is an object with a timezone and weekly hours")
            return None
        for name in document:
            if name not in _FIELDS:
                self.refuse((str(name),), "no such field in a calendar")
        given = {name: value for name, value in document.items() if value is not None}
        zone = self.zone(given)
        always_open = given.get("always_open", False)
        if not isinstance(always_open, bool):
            self.refuse(("always_open",), "is true or false")
        country = given.get("country")
        if country not in (None, "CN"):
            self.refuse(("country",), "only CN is known")
        weekly = self.weekly(given.get("weekly", {}))
        holidays = frozenset(self.dates(given.get("holidays", []), "holidays"))
        recurring = frozenset(self.month_days(given.get("recurring_holidays", [])))
        overrides = self.days(given.get("overrides", {}), "overrides", joined=False)
        breaks = self.days(given.get("breaks", {}), "breaks", joined=True)
        if zone is None or self.problems:
            return None
        return CalendarRules(zone, weekly, holidays, recurring, overrides, breaks, bool(always_open), country)

    def zone(self, given: Mapping[str, Any]) -> ZoneInfo | None:
        name = given.get("timezone")
        if not isinstance(name, str) or not name:
            self.refuse(("timezone",), "is required: an IANA name such as Asia/Shanghai")
            return None
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self.refuse(("timezone",), f"unknown time zone {name!r}")
            return None

    def weekly(self, value: object) -> tuple[Hours, ...]:
        if not isinstance(value, dict):
            self.refuse(("weekly",), "is an object of days, mon to sun")
            return ()
        for day in value:
            if day not in WEEKDAYS:
                self.refuse(("weekly", str(day)), f"no such day; use {' '.join(WEEKDAYS)}")
        return tuple(
            self.hours([] if value.get(day) is None else value[day], ("weekly", day), joined=False) for day in WEEKDAYS
        )

    def days(self, value: object, name: str, *, joined: bool) -> dict[date, Hours]:
        if not isinstance(value, dict):
            self.refuse((name,), "is an object of dates, each with its intervals")
            return {}
        found = {}
        for key, intervals in value.items():
            day = self.date(key, (name, str(key)))
            hours = self.hours(intervals, (name, str(key)), joined=joined)
            if day is not None:
                found[day] = hours
        return found

    def dates(self, value: object, name: str) -> list[date]:
        if not isinstance(value, list):
            self.refuse((name,), "is a list of dates")
            return []
        found = (self.date(item, (name, index)) for index, item in enumerate(value))
        return [day for day in found if day is not None]

    def date(self, value: object, where: tuple[str | int, ...]) -> date | None:
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.refuse(where, f"there is no day {value}")
                return None
        self.refuse(where, f"malformed date {value!r}; use YYYY-MM-DD")
        return None

    def month_days(self, value: object) -> list[tuple[int, int]]:
        if not isinstance(value, list):
            self.refuse(("recurring_holidays",), "is a list of MM-DD")
            return []
        found = []
        for index, item in enumerate(value):
            where = ("recurring_holidays", index)
            if not isinstance(item, str) or not _MONTH_DAY.fullmatch(item):
                self.refuse(where, f"malformed day {item!r}; use MM-DD")
                continue
            try:
                day = date(_LEAP_YEAR, int(item[:2]), int(item[3:]))
            except ValueError:
                self.refuse(where, f"there is no day {item} in any year")
                continue
            found.append((day.month, day.day))
        return found

    def hours(self, value: object, where: tuple[str | int, ...], *, joined: bool) -> Hours:
        if not isinstance(value, list):
            self.refuse(where, 'is a list of intervals such as ["09:00", "18:00"]')
            return ()
        found: list[tuple[int, int, int]] = []
        for index, item in enumerate(value):
            interval = self.interval(item, (*where, index))
            if interval is not None:
                found.append((*interval, index))
        found.sort()
        for (_, end, _), (start, _, index) in pairwise(found):
            if start < end and not joined:
                self.refuse((*where, index), "overlaps another interval of the same day")
        return join((start, end) for start, end, _ in found)

    def interval(self, value: object, where: tuple[str | int, ...]) -> tuple[int, int] | None:
        if not isinstance(value, list) or len(value) != 2:
            self.refuse(where, 'an interval is two local times, as in ["09:00", "18:00"]')
            return None
        start, end = (self.minutes(part, (*where, side)) for side, part in enumerate(value))
        if start is None or end is None:
            return None
        if start == end:
            self.refuse(where, f"the interval {value[0]}-{value[1]} is empty")
            return None
        if start > end:
            self.refuse(where, f"{value[1]} is before {value[0]}; a night is two intervals, up to 24:00 and from 00:00")
            return None
        return start, end

    def minutes(self, value: object, where: tuple[str | int, ...]) -> int | None:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            self.refuse(where, f"malformed time {value!r}; use HH:MM, from 00:00 to 24:00")
            return None
        return int(value[:2]) * 60 + int(value[3:])


def join(intervals: Iterable[tuple[int, int]]) -> Hours:
    """Sorted intervals with those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in intervals:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
