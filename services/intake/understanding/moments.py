"""Moments in a text, with an offset. The past is preferred: a member tells what has happened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from services.intake.understanding import clock_words as words
from services.intake.understanding.days import Ahead, UnknownDayError, day_named, whole
from services.intake.understanding.numerals import numeral
from shared.contracts.model import EARLIEST_YEAR, LATEST_YEAR

SHANGHAI = ZoneInfo("Asia/Shanghai")
_GAP = re.compile(r"[ ,的在于是t()]{0,2}| at ")
_DAY_AND_DAY = re.compile(r" ?\(? ?")
_SENTENCE_END = re.compile(r"[。!?;\n]")
_DATES = (
    "year", "compact", "months", "m", "feast", "short_feast", "en_month", "sm", "only_day", "relative", "weekday",
    "that", "vague",
)  # fmt: skip
_IN_A_CALENDAR = ("year", "compact", "months", "m", "feast", "short_feast", "en_month", "sm", "only_day")
_PARTS_OF_A_DATE = ("month", "day", "that_day", "d", "en_day", "dot", "sd", "week")
_CLOCKS = ("hour", "minute", "second", "half_day", "en_hour", "en_half", "h", "half", "quarter", "mi", "sharp")
_POINTS = (
    "iso", "ago", "ago_more", "ago_half", "ago_odd", "ago_unit", "ago_minutes", "ago_about", "en_ago", "en_unit", "now",
)  # fmt: skip
_KINDS = {
    **dict.fromkeys((*_DATES, *_PARTS_OF_A_DATE), "date"),
    **dict.fromkeys(_CLOCKS, "clock"),
    **dict.fromkeys(_POINTS, "point"),
    **{name: name for name in ("part", "about", "in_year", "span")},
}
"""What kind of word it is, by the last of its groups."""
_MOST = 40
"""Moments found in one text; a time line keeps fewer."""
_MOST_WORDS = 400
"""Words of time looked at in one text."""


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
    in_year: str | None = None
    date: re.Match[str] | None = None
    part: str | None = None
    clock: re.Match[str] | None = None
    about: bool = False


def find_moments(folded: str, received_at: datetime) -> tuple[Found, ...]:
    """The first moments, in text order. A bare hour has the date before it, else it is today, or yesterday.

    A clock beside words for a day that no calendar knows (月底, 生日那天) is on no day, and so are those after it in
    the same sentence.
    """
    now = received_at.astimezone(SHANGHAI)
    found: list[Found] = []
    last: datetime | None = None
    nowhere_until = 0
    for phrase in _phrases(folded):
        if phrase.start < nowhere_until and not (phrase.date or phrase.point):
            continue
        try:
            at, approx = _resolve(phrase, folded, now, last)
        except UnknownDayError:
            end = _SENTENCE_END.search(folded, phrase.end)
            nowhere_until = end.start() if end else len(folded)
            continue
        except (ValueError, OverflowError):
            continue
        if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
            continue
        found.append(Found(phrase.start, phrase.end, at, approx or phrase.about))
        if len(found) == _MOST:
            break
        last, nowhere_until = at, 0
    return tuple(found)


def _phrases(folded: str) -> Iterator[_Phrase]:
    current: _Phrase | None = None
    for match in islice(words.WORDS.finditer(folded), _MOST_WORDS):
        kind = _kind(match)
        if current and _joins(current, kind, match, folded):
            current = _extend(current, kind, match)
            continue
        if current and _means_time(current):
            yield current
        current = _extend(_Phrase(match.start(), match.end()), kind, match) if kind != "span" else None
    if current and _means_time(current):
        yield current


def _kind(match: re.Match[str]) -> str:
    return _KINDS[match.lastgroup or ""]


def _joins(phrase: _Phrase, kind: str, match: re.Match[str], folded: str) -> bool:
    if kind in ("span", "in_year") or not _GAP.fullmatch(folded, phrase.end, match.start()):
        return False
    if kind == "about":
        return True
    if phrase.point:
        return False
    if kind == "clock":
        return phrase.clock is None
    if kind == "part":
        return phrase.part is None and phrase.clock is None
    if kind != "date" or phrase.part or phrase.clock:
        return False
    return phrase.date is None or _same_day_again(phrase.date, match, folded)


def _same_day_again(day: re.Match[str], again: re.Match[str], folded: str) -> bool:
    """11月18日(周三), 昨天(24号), 10月15日那天: a day said twice."""
    if day["vague"] or again["vague"] or not _DAY_AND_DAY.fullmatch(folded, day.end(), again.start()):
        return False
    if again["that"]:
        return again["that"] not in words.DAYS_ON
    return _in_a_calendar(day) != _in_a_calendar(again)


def _in_a_calendar(day: re.Match[str]) -> bool:
    return any(day[name] is not None for name in _IN_A_CALENDAR)


def _extend(phrase: _Phrase, kind: str, match: re.Match[str]) -> _Phrase:
    end = match.end()
    if kind == "about":
        return replace(phrase, end=end, about=True)
    if kind == "part":
        return replace(phrase, end=end, part=match["part"])
    if kind == "clock":
        return replace(phrase, end=end, clock=match)
    if kind == "in_year":
        return replace(phrase, end=end, in_year=match["in_year"])
    if kind == "date":
        relative = match["relative"]
        evening = relative in words.EVENING_DAYS or match["that"] in words.EVENING_OF_THAT_DAY
        part = "晚上" if evening else "早上" if relative in words.MORNING_DAYS else phrase.part
        keeps = phrase.date is not None and not _in_a_calendar(match)
        return replace(phrase, end=end, date=phrase.date if keeps else match, part=part)
    return replace(phrase, end=end, point=match)


def _means_time(phrase: _Phrase) -> bool:
    """两点 alone may be two points of a list, 一点 a little: written-out hours need company. So does a lone 上午."""
    if phrase.point or phrase.date or phrase.in_year:
        return True
    if not phrase.clock:
        return False
    hour = phrase.clock["h"]
    said_more = phrase.part or phrase.about or any(phrase.clock[name] for name in ("half", "quarter", "mi", "sharp"))
    return hour is None or hour.isascii() or bool(said_more)


def _resolve(phrase: _Phrase, folded: str, now: datetime, last: datetime | None) -> tuple[datetime, bool]:
    if phrase.point:
        return _point(phrase.point, now)
    ahead = Ahead(folded, phrase.end)
    if phrase.date:
        day = day_named(phrase.date, phrase.in_year, now.date(), last, ahead)
    elif phrase.in_year:
        raise UnknownDayError(phrase.in_year)
    else:
        day = last.date() if last else now.date()
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
    if phrase.date:
        return _by_day(at, part, phrase, now) if phrase.date["relative"] else (at, False)
    if last:
        return _after(last, at, part, now), False
    if at > now + timedelta(minutes=5) and not ahead:
        at -= timedelta(days=1)
    return _by_day(at, part, phrase, now)


def _after(last: datetime, at: datetime, part: str | None, now: datetime) -> datetime:
    """A bare clock comes after the moment before it: 下午2点买的,4点没到."""
    half_a_day = timedelta(hours=12)
    if part is None and at < last <= at + half_a_day and last.hour >= 12 > at.hour:
        return at + half_a_day
    next_day = at + timedelta(days=1)
    return next_day if at < last and at.hour < 7 and next_day <= now else at


def _by_day(at: datetime, part: str | None, phrase: _Phrase, now: datetime) -> tuple[datetime, bool]:
    """Nobody says "3点买的" of the night without saying so."""
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
    seconds = (_count(group["ago"]) + (0.5 if group["ago_half"] else 0)) * words.UNITS[group["ago_unit"]]
    return now - timedelta(seconds=seconds, minutes=int(group["ago_minutes"] or 0)), True


def _count(spoken: str) -> float:
    """半, 几, 十几, 1.5, 一点五 and 两三."""
    if spoken == "半":
        return 0.5
    if spoken[-1] == "几":
        return float((numeral(spoken[:-1]) or 0) + (3 if len(spoken) == 1 else 5))
    if spoken.isascii():
        return float(spoken)
    point = spoken.split("点")
    if len(point) == 2:
        return float(f"{whole(point[0])}.{whole(point[1])}")
    return float(numeral(spoken) or whole(spoken[:1]))


def _clock(phrase: _Phrase) -> tuple[int, int, int, str | None]:
    assert phrase.clock is not None
    group = phrase.clock.groupdict()
    if group["hour"]:
        return int(group["hour"]), int(group["minute"]), int(group["second"] or 0), group["half_day"] or phrase.part
    if group["en_hour"]:
        return int(group["en_hour"]), 0, 0, group["en_half"]
    minute = 15 * whole(group["quarter"]) if group["quarter"] else 30 if group["half"] else 0
    if group["mi"]:
        minute = whole(group["mi"])
    return whole(group["h"]), minute, 0, phrase.part
