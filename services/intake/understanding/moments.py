"""Moments in a text, with an offset. The past is preferred: a member tells what has happened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.intake.understanding import clock_words as words
from services.intake.understanding.numerals import numeral
from shared.contracts.model import EARLIEST_YEAR, LATEST_YEAR

SHANGHAI = ZoneInfo("Asia/Shanghai")
_GAP = re.compile(r"[ ,的在于是t]{0,2}| at ")
_DEADLINE = re.compile(r"[^,。;]{0,3}(?:到期|截止|过期|失效|之?前)")
_DATES = ("year", "compact", "last_month", "m", "en_month", "sm", "only_day", "relative", "weekday")
_CLOCKS = ("hour", "en_hour", "h")
_POINTS = ("iso", "ago", "en_ago", "now")


@dataclass(frozen=True, slots=True)
class Found:
    """A moment at ``[start, end)`` of the text; ``approx`` when the member gave no exact time."""

    start: int
    end: int
    at: datetime
    approx: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Neighbouring words that together name one moment."""

    start: int
    end: int
    point: re.Match[str] | None = None
    date: re.Match[str] | None = None
    part: str | None = None
    clock: re.Match[str] | None = None
    about: bool = False


@dataclass(frozen=True, slots=True)
class _Last:
    """The moment before, from which a bare hour takes its date."""

    at: datetime
    afternoon: bool


def find_moments(folded: str, received_at: datetime) -> tuple[Found, ...]:
    """Moments in text order. A bare hour inherits the date before it; without one it is today, or yesterday."""
    now = received_at.astimezone(SHANGHAI)
    found: list[Found] = []
    last: _Last | None = None
    for phrase in _phrases(folded):
        try:
            at, approx = _resolve(phrase, folded, now, last)
        except (ValueError, OverflowError):
            continue
        if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
            continue
        found.append(Found(phrase.start, phrase.end, at, approx or phrase.about))
        last = _Last(at, at.hour >= 12)
    return tuple(found)


def _phrases(folded: str) -> Iterator[_Phrase]:
    current: _Phrase | None = None
    for match in words.WORDS.finditer(folded):
        kind = _kind(match)
        if current and _joins(current, kind) and _GAP.fullmatch(folded, current.end, match.start()):
            current = _extend(current, kind, match)
            continue
        if current and _means_time(current):
            yield current
        current = _extend(_Phrase(match.start(), match.end()), kind, match)
    if current and _means_time(current):
        yield current


def _kind(match: re.Match[str]) -> str:
    group = match.groupdict()
    for kind, names in (("point", _POINTS), ("date", _DATES), ("clock", _CLOCKS)):
        if any(group[name] is not None for name in names):
            return kind
    return "part" if group["part"] else "about"


def _joins(phrase: _Phrase, kind: str) -> bool:
    if kind == "about":
        return True
    if phrase.point:
        return False
    if kind == "clock":
        return phrase.clock is None
    if kind == "part":
        return phrase.part is None and phrase.clock is None
    return kind == "date" and phrase.date is None and phrase.part is None and phrase.clock is None


def _extend(phrase: _Phrase, kind: str, match: re.Match[str]) -> _Phrase:
    end = match.end()
    if kind == "about":
        return replace(phrase, end=end, about=True)
    if kind == "part":
        return replace(phrase, end=end, part=match["part"])
    if kind == "clock":
        return replace(phrase, end=end, clock=match)
    if kind == "date":
        relative = match["relative"]
        part = "晚上" if relative in words.EVENING_DAYS else "早上" if relative in words.MORNING_DAYS else None
        return replace(phrase, end=end, date=match, part=part)
    return replace(phrase, end=end, point=match)


def _means_time(phrase: _Phrase) -> bool:
    """两点 alone may be two points of a list, 一点 a little: written-out hours need company. So does a lone 上午."""
    if phrase.point or phrase.date:
        return True
    if not phrase.clock:
        return False
    hour = phrase.clock["h"]
    said_more = phrase.part or phrase.about or any(phrase.clock[name] for name in ("half", "quarter", "mi", "sharp"))
    return hour is None or hour.isascii() or bool(said_more)


def _resolve(phrase: _Phrase, folded: str, now: datetime, last: _Last | None) -> tuple[datetime, bool]:
    if phrase.point:
        return _point(phrase.point, now)
    day, sure_date = _day(phrase, folded, now, last)
    if phrase.clock is None:
        hour = words.PARTS[phrase.part] if phrase.part else 0
        at = _at(day, hour, 0, 0)
        return (at - timedelta(days=1) if at > now and not phrase.date else at), True
    hour, minute, second, part = _clock(phrase)
    if (part in words.AFTERNOON and hour < 12 and not (part in words.NIGHT and hour < 6)) or (
        part == "中午" and hour < 3
    ):
        hour += 12
    elif part in words.NIGHT and hour <= 12:
        # The night belongs to the evening before: 昨晚2点 is two o'clock this morning, 晚上12点 is midnight.
        hour = 24 + hour % 12 if hour < 6 or hour == 12 else hour
    elif part in {"凌晨", "am"} and hour == 12:
        hour = 0
    at = _at(day, hour, minute, second)
    if sure_date and not (phrase.date and phrase.date["relative"]):
        return at, False
    return _spoken(at, part, phrase, now, None if sure_date else last)


def _spoken(
    at: datetime, part: str | None, phrase: _Phrase, now: datetime, last: _Last | None
) -> tuple[datetime, bool]:
    """A clock without a calendar date: after the moment before it, not in the future, and rather by day."""
    if last:
        if part is None and at < last.at <= at + timedelta(hours=12) and last.afternoon and at.hour < 12:
            return at + timedelta(hours=12), False
        next_day = at + timedelta(days=1)
        return (next_day if at < last.at and at.hour < 7 and next_day <= now else at), False
    if at > now + timedelta(minutes=5) and not phrase.date:
        at -= timedelta(days=1)
    # Nobody says "3点买的" of the night without saying so.
    spoken = phrase.clock is not None and phrase.clock["h"] is not None
    if part is None and spoken and 1 <= at.hour <= 6 and at + timedelta(hours=12) <= now:
        return at + timedelta(hours=12), True
    return at, False


def _at(day: date, hour: int, minute: int, second: int) -> datetime:
    if not (0 <= hour <= 36 and 0 <= minute < 60 and 0 <= second < 60):
        raise ValueError("no such time of day")
    return datetime.combine(day, time(hour % 24, minute, second), SHANGHAI) + timedelta(days=hour // 24)


def _point(match: re.Match[str], now: datetime) -> tuple[datetime, bool]:
    group = match.groupdict()
    if group["iso"]:
        return datetime.fromisoformat(group["iso"].upper()).astimezone(SHANGHAI), False
    if group["now"]:
        return now, True
    if group["en_ago"]:
        amount = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "half an": 0.5}.get(group["en_ago"])
        seconds = (amount or float(group["en_ago"])) * words.UNITS[group["en_unit"]]
        return now - timedelta(seconds=seconds), True
    spoken = group["ago"]
    count = 0.5 if spoken == "半" else 3.0 if spoken == "几" else float(numeral(spoken) or 0)
    seconds = (count + (0.5 if group["ago_half"] else 0)) * words.UNITS[group["ago_unit"]]
    return now - timedelta(seconds=seconds), True


def _day(phrase: _Phrase, folded: str, now: datetime, last: _Last | None) -> tuple[date, bool]:
    """The calendar day, and whether the text named it."""
    today = now.date()
    if phrase.date is None:
        return (last.at.date() if last else today), False
    group = phrase.date.groupdict()
    if group["year"]:
        return date(int(group["year"]), int(group["month"]), int(group["day"])), True
    if group["compact"]:
        return datetime.strptime(group["compact"], "%Y%m%d").replace(tzinfo=SHANGHAI).date(), True
    if group["relative"]:
        return today - timedelta(days=words.DAYS_BACK[group["relative"]]), True
    if group["weekday"]:
        return _weekday(group["week"], words.WEEKDAYS[group["weekday"]], today), True
    if group["last_month"]:
        first = today.replace(day=1) - timedelta(days=1)
        return first.replace(day=_whole(group["last_day"])), True
    if group["only_day"]:
        return _day_of_month(_whole(group["only_day"]), today), True
    month, day = _month_and_day(group)
    there = date(today.year, month, day)
    ahead = there > today + timedelta(days=1)
    if ahead and not _DEADLINE.match(folded, phrase.end):
        there = date(today.year - 1, month, day)
    return there, True


def _month_and_day(group: dict[str, str | None]) -> tuple[int, int]:
    if group["en_month"]:
        return words.MONTHS[group["en_month"]], _whole(group["en_day"])
    return _whole(group["m"] or group["sm"]), _whole(group["d"] or group["sd"])


def _weekday(which: str | None, weekday: int, today: date) -> date:
    this_week = today - timedelta(days=today.weekday()) + timedelta(days=weekday)
    weeks = {"上": 1, "上上": 2}.get(which or "", 0)
    if which is None and this_week > today:
        weeks = 1
    return this_week - timedelta(weeks=weeks)


def _day_of_month(day: int, today: date) -> date:
    if day <= today.day:
        return today.replace(day=day)
    last_month = today.replace(day=1) - timedelta(days=1)
    return last_month.replace(day=day)


def _clock(phrase: _Phrase) -> tuple[int, int, int, str | None]:
    assert phrase.clock is not None
    group = phrase.clock.groupdict()
    if group["hour"]:
        return int(group["hour"]), int(group["minute"]), int(group["second"] or 0), group["half_day"] or phrase.part
    if group["en_hour"]:
        return int(group["en_hour"]), 0, 0, group["en_half"]
    minute = {"一刻": 15, "三刻": 45}.get(group["quarter"] or "", 30 if group["half"] else 0)
    if group["mi"]:
        minute = _whole(group["mi"])
    return _whole(group["h"]), minute, 0, phrase.part


def _whole(text: str | None) -> int:
    value = numeral(text or "")
    if value is None:
        raise ValueError("not a whole number")
    return value
