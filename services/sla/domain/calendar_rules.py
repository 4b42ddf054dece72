"""A working calendar as it is written (contract §4), checked before anything is computed with it."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StrictBool, model_validator

from services.sla.domain.chinese_days import chinese_year
from shared.config.rule_model import RuleModel, refusal

DAY_MINUTES: Final = 24 * 60
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_LEAP_YEAR = 2000
_YEAR_DAYS = 366


def _zone(name: object) -> ZoneInfo:
    if not isinstance(name, str) or not name:
        raise ValueError("is an IANA name such as Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}; use an IANA name such as Asia/Shanghai") from None


def _date(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(f"malformed date {value!r}; use YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"there is no day {value}") from None


def _month_day(value: object) -> tuple[int, int]:
    if not isinstance(value, str) or not _MONTH_DAY.fullmatch(value):
        raise ValueError(f"malformed day {value!r}; use MM-DD")
    try:
        day = date(_LEAP_YEAR, int(value[:2]), int(value[3:]))
    except ValueError:
        raise ValueError(f"there is no day {value} in any year") from None
    return day.month, day.day


def _minutes(value: object) -> int:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError(f"malformed time {value!r}; use HH:MM, from 00:00 to 24:00")
    return int(value[:2]) * 60 + int(value[3:])


def _pair(value: object) -> object:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError('an interval is two local times, as in ["09:00", "18:00"]')
    return value


def _forward(interval: tuple[int, int]) -> tuple[int, int]:
    start, end = interval
    if start == end:
        raise ValueError("the interval is empty")
    if start > end:
        raise ValueError("ends before it begins; a night is two intervals, up to 24:00 and from 00:00")
    return interval


def _apart(hours: "Hours") -> "Hours":
    by_start = sorted((*interval, index) for index, interval in enumerate(hours))
    if over := [after for before, after in pairwise(by_start) if after[0] < before[1]]:
        raise refusal(*(((index,), "overlaps another interval of the same day") for _, _, index in over))
    return join(hours)


def join(intervals: Iterable[tuple[int, int]]) -> "Hours":
    """The intervals in order, those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _given(written: Any) -> Any:
    """Null means "not given"."""
    return (
        {name: value for name, value in written.items() if value is not None} if isinstance(written, dict) else written
    )


class Weekday(StrEnum):
    """The days of a week in order, as they are written."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


Hours = tuple[tuple[int, int], ...]
"""Open intervals of one local day as minutes after midnight, half-open, in order; 1440 is 24:00."""

_ALL_DAY: Final[Hours] = ((0, DAY_MINUTES),)
_WEEK: Final = tuple(Weekday)
_DATES: Final = "a map of dates, YYYY-MM-DD, each with its intervals"

Zone = Annotated[ZoneInfo, PlainValidator(_zone)]
Day = Annotated[date, PlainValidator(_date)]
MonthDay = Annotated[tuple[int, int], PlainValidator(_month_day)]
Minutes = Annotated[int, PlainValidator(_minutes)]
Interval = Annotated[tuple[Minutes, Minutes], BeforeValidator(_pair), AfterValidator(_forward)]
OpenHours = Annotated[tuple[Interval, ...], AfterValidator(_apart)]
Breaks = Annotated[tuple[Interval, ...], AfterValidator(join)]
"""Taking the same hour out twice is the same as once."""


class CalendarRules(RuleModel):
    """The fields of a calendar. Dates are local dates of `timezone`.

    Refused: unknown fields, an unknown time zone, a time that is not `HH:MM` (`24:00` only as an end), an interval that
    is empty or runs backwards, overlapping hours, a date that does not exist, a country other than `CN`, and a calendar
    that would never open.
    """

    timezone: Zone = Field(description="an IANA name such as Asia/Shanghai")
    weekly: Annotated[dict[Weekday, OpenHours], BeforeValidator(_given)] = Field(
        default_factory=dict, description="a map of days, mon to sun, each with its intervals"
    )
    holidays: frozenset[Day] = Field(frozenset(), description="a list of dates, YYYY-MM-DD")
    recurring_holidays: frozenset[MonthDay] = Field(frozenset(), description="a list of days, MM-DD")
    overrides: dict[Day, OpenHours] = Field(default_factory=dict, description=_DATES)
    breaks: dict[Day, Breaks] = Field(default_factory=dict, description=_DATES)
    always_open: StrictBool = False
    country: Literal["CN"] | None = None

    _leave_out_nulls = model_validator(mode="before")(_given)

    def hours(self, day: date) -> Hours:
        """The open local intervals of one local date, in minutes after midnight."""
        if day in self.holidays or (day.month, day.day) in self.recurring_holidays:
            return ()
        weekly = _ALL_DAY if self.always_open else self._of_weekday(day.weekday())
        if self.country:
            year = chinese_year(day.year)
            if day in year.off:
                return ()
            if day in year.makeup and not self.always_open:
                weekly = self._of_weekday(year.makeup[day]) or weekly
        return _without(self.overrides.get(day, weekly), self.breaks.get(day, ()))

    def _of_weekday(self, number: int) -> Hours:
        return self.weekly.get(_WEEK[number], ())

    @model_validator(mode="after")
    def _opens_some_day(self) -> "CalendarRules":
        by_the_week = self.always_open or any(self.weekly.values())
        if not (by_the_week and len(self.recurring_holidays) < _YEAR_DAYS) and not any(map(self.hours, self.overrides)):
            reason = "the calendar never opens: no weekly hours, no override, and not always_open"
            raise refusal((("weekly",), reason))
        return self


def _without(hours: Hours, breaks: Hours) -> Hours:
    for away, back in breaks:
        cut: list[tuple[int, int]] = []
        for start, end in hours:
            cut.extend(part for part in ((start, min(end, away)), (max(start, back), end)) if part[0] < part[1])
        hours = tuple(cut)
    return hours
