"""Which calendar day a phrase names. The past is preferred: a member tells what has happened."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.intake.understanding import clock_words as words
from services.intake.understanding.feasts import feast
from services.intake.understanding.numerals import numeral

_HAPPENED = re.compile(
    r"[^,。;!?]{0,8}(?:[买充付订拍抢领冲](?!前)|下单|购|收到|开通|续费|支付|兑换|激活)[^,。;!?前]{0,6}(?:的|了|过)"
)
_TO_COME = re.compile(
    r"[^,。;]{0,3}(?:到期|截止|过期|失效|之?前)|[^,。;]{0,10}(?:就要?结束|才?结束|截止|开始|开启|上线|开服|开抢|恢复|到期|之前要|前要|就要|才能|才会)"
)
_CENTURY = 2_000


class UnknownDayError(ValueError):
    """The words name no day of a calendar."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Whether what follows in the text says that the moment is still to come."""

    folded: str
    at: int

    def __bool__(self) -> bool:
        happened, to_come = (pattern.match(self.folded, self.at) for pattern in (_HAPPENED, _TO_COME))
        return to_come is not None and (happened is None or to_come.end() < happened.end())


def day_named(match: re.Match[str], in_year: str | None, today: date, before: datetime | None, ahead: Ahead) -> date:
    """The day of a word of date. ``in_year`` is the word for a year beside it, ``before`` the moment named before.

    Raises ``ValueError`` (``UnknownDayError`` for words like 月底) when there is no such day.
    """
    group = match.groupdict()
    if group["vague"]:
        raise UnknownDayError(match[0])
    if group["year"]:
        return date(int(group["year"]), int(group["month"]), int(group["day"]))
    if group["compact"]:
        return date.fromisoformat(group["compact"])
    if group["relative"]:
        return today - timedelta(days=words.DAYS_BACK[group["relative"]])
    if group["weekday"]:
        return _weekday(group["week"], words.WEEKDAYS[group["weekday"]], today, ahead)
    if group["months"]:
        return _in_month(today, words.MONTHS_BACK[group["months"]], whole(group["that_day"]))
    if group["only_day"]:
        return _day_of_month(whole(group["only_day"]), today, ahead)
    if group["that"]:
        if before is None:
            raise UnknownDayError(match[0])
        return before.date() + timedelta(days=words.DAYS_ON.get(group["that"], 0))
    if in_year:
        return _in(year_named(in_year, today), group)
    there = _in(today.year, group)
    return there if there <= today + timedelta(days=1) or ahead else _in(today.year - 1, group)


def year_named(word: str, today: date) -> int:
    """去年, 25年 or 二零二五年."""
    if word in words.YEARS_BACK:
        return today.year - words.YEARS_BACK[word]
    digits = "".join(char if char.isdigit() and char.isascii() else str(numeral(char)) for char in word.rstrip("年"))
    return int(digits) if len(digits) == 4 else _CENTURY + int(digits)


def whole(text: str | None) -> int:
    """A whole number, in figures or characters."""
    value = numeral(text or "")
    if value is None:
        raise ValueError("not a whole number")
    return value


def _in(year: int, group: dict[str, str | None]) -> date:
    if name := group["feast"] or group["short_feast"]:
        return feast(name, year)
    if name := group["en_month"]:
        return date(year, words.MONTHS[name], whole(group["en_day"]))
    return date(year, whole(group["m"] or group["sm"]), whole(group["d"] or group["sd"]))


def _weekday(which: str | None, weekday: int, today: date, ahead: Ahead) -> date:
    this_week = today - timedelta(days=today.weekday()) + timedelta(days=weekday)
    if which is not None:
        return this_week - timedelta(weeks=words.WEEKS_BACK[which])
    return this_week if this_week <= today or ahead else this_week - timedelta(weeks=1)


def _in_month(today: date, back: int, day: int) -> date:
    month = today.year * 12 + today.month - 1 - back
    return date(month // 12, month % 12 + 1, day)


def _day_of_month(day: int, today: date, ahead: Ahead) -> date:
    return _in_month(today, 0 if day <= today.day or ahead else 1, day)
