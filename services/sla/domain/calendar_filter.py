"""`kefu calendar -`: one JSON document a line in, one out, in the same order."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from services.sla.domain.calendar import Calendar, CalendarError, Pause
from shared.strict_json import loads_strictly

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:)([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LONGEST_SECONDS = 10**12
_SECOND = timedelta(seconds=1)


def calendar_lines(lines: Iterable[str]) -> Iterator[str]:
    """Answers each line: `{"id", "due"}`, `{"id", "elapsed_seconds"}` or `{"id", "open", "next_open"}`.

    With `target_seconds` the answer is `due`, with `end` it is `elapsed_seconds`, with neither whether `start` is open
    and the first open moment from it on (`start` itself when open). Times are RFC 3339, read with any offset and
    written in UTC with `Z`; seconds are whole or decimal numbers. An unusable line (an empty one too) gives
    `{"id", "error"}`, the id null when there is none to be read, and the lines after it go on.
    """
    for line in lines:
        yield json.dumps(_answer(line), allow_nan=False)


def _answer(line: str) -> dict[str, Any]:
    name: Any = None
    try:
        document = loads_strictly(line)
        if not isinstance(document, dict):
            raise ValueError("a line is one JSON object")
        name = document.get("id")
        json.dumps(name, allow_nan=False)
        return {"id": name, **_computed(document)}
    except CalendarError as error:
        return {"id": name, "error": str(error)}
    except json.JSONDecodeError as error:
        return {"id": None, "error": f"not JSON: {error.msg} at column {error.colno}"}
    except RecursionError:
        return {"id": None, "error": "nested too deep"}
    except (ValueError, OverflowError) as error:
        return {"id": None if _unwritable(name) else name, "error": str(error)}


def _computed(document: dict[str, Any]) -> dict[str, Any]:
    if document.get("calendar") is None:
        raise ValueError("calendar: is required")
    calendar = _calendar(json.dumps(document["calendar"], sort_keys=True))
    start = _time(document.get("start"), "start")
    pauses = _pauses(document.get("pauses"))
    target, end = document.get("target_seconds"), document.get("end")
    if target is not None and end is not None:
        raise ValueError("target_seconds and end: give one of the two")
    if target is not None:
        return {"due": _written(calendar.due(start, _duration(target), pauses))}
    if end is not None:
        return {"elapsed_seconds": _seconds(calendar.elapsed(start, _time(end, "end"), pauses))}
    return {"open": calendar.is_open(start), "next_open": _written(calendar.next_open(start))}


@lru_cache(maxsize=64)
def _calendar(written: str) -> Calendar:
    try:
        return Calendar.parse(json.loads(written))
    except CalendarError as error:
        raise ValueError("; ".join(f"calendar.{problem}" for problem in error.problems)) from None


def _pauses(value: object) -> list[Pause]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError("pauses: is a list of [from, to]")
    pauses: list[Pause] = []
    for index, item in enumerate(value):
        if not isinstance(item, list) or len(item) != 2:
            raise ValueError(f"pauses.{index}: is [from, to]")
        begin = _time(item[0], f"pauses.{index}.0")
        pauses.append((begin, None if item[1] is None else _time(item[1], f"pauses.{index}.1")))
    return pauses


def _time(value: object, name: str) -> datetime:
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{name}: {value!r} is not an RFC 3339 time with an offset, such as 2026-10-01T09:00:00+08:00")
    day, minutes, seconds, fraction, offset = match.groups(default="")
    leap = seconds == "60"
    try:
        at = datetime.fromisoformat(f"{day}T{minutes}{'59' if leap else seconds}{fraction[:7]}{offset.upper()}")
        return (at + _SECOND if leap else at).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{name}: there is no such time as {value!r}") from None


def _duration(value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("target_seconds: is a number of seconds")
    if not -_LONGEST_SECONDS < value < _LONGEST_SECONDS:
        raise ValueError("target_seconds: is out of reach")
    return timedelta(microseconds=int(Decimal(repr(value)) * 1_000_000))


def _seconds(value: timedelta) -> int | float:
    return value // _SECOND if not value % _SECOND else value / _SECOND


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _unwritable(name: object) -> bool:
    try:
        json.dumps(name, allow_nan=False)
    except ValueError:
        return True
    return False
