"""Working time: when a promise is due, and how much of its time has passed.

Real elapsed time counts, to the microsecond, across clock changes; all results are in UTC.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from services.sla.domain.calendar_rules import CalendarRules
from services.sla.domain.chinese_days import PUBLISHED_UNTIL
from services.sla.domain.open_time import OpenTime, compile_month, microseconds, moment
from shared.config.rule_model import Where, refusals

Pause = tuple[datetime, datetime | None]
"""Real time that does not count: from, to (half-open); without an end it lasts for ever."""

EARLIEST_YEAR = 1900
LATEST_YEAR = 2199
HORIZON_YEARS = 100
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CalendarProblem:
    """One field that is refused: the way to it from the calendar's root, and why."""

    where: Where
    reason: str

    def __str__(self) -> str:
        path = ".".join(str(part) for part in self.where)
        return f"{path}: {self.reason}" if path else self.reason


class CalendarError(ValueError):
    """The calendar, or what is asked of it, cannot be used; `problems` names every offending field."""

    def __init__(self, *problems: CalendarProblem) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))


@dataclass(frozen=True, eq=False)
class Calendar:
    """One working calendar (contract §4), immutable; made by `Calendar.parse`.

    Of a date, the first that applies decides: a holiday (`holidays`, `recurring_holidays`, with `country` a statutory
    day off) closes the whole of it; `overrides` replace its hours; a make-up workday has the weekly hours of the
    weekday it makes up for (its own when that one is closed); else its weekday's hours. `breaks` are then taken out.
    `always_open` stands for 00:00-24:00 in place of every weekly hour: what is written besides, holidays and breaks,
    still holds, for nobody writes a holiday in order that it be ignored.
    """

    rules: CalendarRules
    document: dict[str, Any]
    _months: dict[int, OpenTime] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, document: object) -> "Calendar":
        """The calendar of a document as in contract §4. Raises `CalendarError`, also when it would never open."""
        try:
            rules = CalendarRules.model_validate(document)
        except ValidationError as refused:
            raise CalendarError(*(CalendarProblem(where, reason) for where, reason in refusals(refused))) from None
        return cls(rules, json.loads(json.dumps(document)))

    @property
    def version(self) -> str:
        """Twelve hex digits that change when anything written in the calendar changes."""
        written = json.dumps(self.document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()[:12]

    @property
    def known_until(self) -> date | None:
        """The last day whose make-up workdays are published; None when the calendar follows no country's holidays."""
        return date(PUBLISHED_UNTIL, 12, 31) if self.rules.country else None

    def is_open(self, at: datetime) -> bool:
        """Whether working time runs at this moment."""
        value = _checked(at, "at")
        return self._month(_month_of(value)).open_from(value) == value

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when it is open, else the next opening; `CalendarError` when there is none in 100 years."""
        value = _checked(at, "at")
        first = _month_of(value)
        for month in range(first, _last_month(first) + 1):
            opening = self._month(month).open_from(value)
            if opening is not None:
                return moment(opening)
        raise _out_of_reach("does not open again", at)

    def due(self, start: datetime, target: timedelta, pauses: Iterable[Pause] = ()) -> datetime:
        """The first moment at which `target` working time has passed since `start`.

        A start outside opening hours counts from the next opening; time used up exactly at closing is due at closing.
        Raises `CalendarError`: target not positive, a pause reversed, or not reached within 100 years.
        """
        remaining = target // _MICROSECOND
        if remaining <= 0:
            raise CalendarError(CalendarProblem(("target_seconds",), "is more than zero"))
        at = _checked(start, "start")
        for begin, end in _merged(pauses):
            if end is not None and end <= at:
                continue
            available = self._worked(at, max(at, begin)) if begin > at else 0
            if remaining <= available:
                break
            if end is None:
                raise CalendarError(CalendarProblem(("pauses",), "a pause without an end comes first: it is never due"))
            remaining -= available
            at = end
        return moment(self._reach(at, remaining, start))

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """Working time from `start` to `end`, pauses left out; none when `end` is before `start`."""
        at, until = _checked(start, "start"), _checked(end, "end")
        worked = 0
        for begin, stop in _merged(pauses):
            if begin >= until:
                break
            if begin > at:
                worked += self._worked(at, begin)
            at = until if stop is None else min(until, max(at, stop))
        return timedelta(microseconds=worked + self._worked(at, until))

    def _month(self, month: int) -> OpenTime:
        open_time = self._months.get(month)
        if open_time is None:
            open_time = self._months[month] = compile_month(self.rules.timezone, self.rules.hours, month)
        return open_time

    def _worked(self, start: int, end: int) -> int:
        if end <= start:
            return 0
        first, last = _month_of(start), _month_of(end)
        if last > _last_month(first):
            raise CalendarError(CalendarProblem(("end",), f"is more than {HORIZON_YEARS} years after the start"))
        through = sum(self._month(month).total for month in range(first, last))
        return through + self._month(last).until(end) - self._month(first).until(start)

    def _reach(self, at: int, remaining: int, start: datetime) -> int:
        first = _month_of(at)
        remaining += self._month(first).until(at)
        for month in range(first, _last_month(first) + 1):
            open_time = self._month(month)
            if remaining <= open_time.total:
                return open_time.reach(remaining)
            remaining -= open_time.total
        raise _out_of_reach("is not open long enough", start)


def _checked(at: datetime, name: str) -> int:
    if at.utcoffset() is None:
        raise CalendarError(CalendarProblem((name,), "has no offset from UTC"))
    if not EARLIEST_YEAR < at.year < LATEST_YEAR:
        raise CalendarError(CalendarProblem((name,), f"is not between the years {EARLIEST_YEAR} and {LATEST_YEAR}"))
    return microseconds(at)


def _month_of(value: int) -> int:
    at = moment(value)
    return at.year * 12 + at.month - 1


def _last_month(first: int) -> int:
    return min(first + HORIZON_YEARS * 12, LATEST_YEAR * 12 + 11)


def _out_of_reach(what: str, start: datetime) -> CalendarError:
    return CalendarError(
        CalendarProblem((), f"the calendar {what} within {HORIZON_YEARS} years of {start.isoformat()}")
    )


def _merged(pauses: Iterable[Pause]) -> list[tuple[int, int | None]]:
    """Pauses in order, those that touch or overlap joined."""
    spans: list[tuple[int, int | None]] = []
    for index, (begin, end) in enumerate(pauses):
        span = (_checked(begin, f"pauses.{index}.0"), None if end is None else _checked(end, f"pauses.{index}.1"))
        if span[1] is not None and span[1] < span[0]:
            raise CalendarError(CalendarProblem(("pauses", index), "ends before it begins"))
        spans.append(span)
    merged: list[tuple[int, int | None]] = []
    for begin_at, end_at in sorted(spans, key=lambda span: span[0]):
        last = merged[-1] if merged else None
        if last is None or (last[1] is not None and begin_at > last[1]):
            merged.append((begin_at, end_at))
        elif last[1] is not None:
            merged[-1] = (last[0], None if end_at is None else max(last[1], end_at))
    return merged
