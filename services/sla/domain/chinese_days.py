"""China's days off and make-up workdays (调休), from the package `holidays`.

The State Council publishes next year's days each November. Of a year that is not published yet only the days fixed by
law are known, and no make-up workday at all; `PUBLISHED_UNTIL` says where knowledge ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays
from holidays.countries.china import ChinaStaticHolidays

# Beside swaps (month, day off, month, day worked[, year worked]) the package keeps plain extra days (month, day, name).
_SWAPS = {
    year: [tuple(int(part) for part in entry) for entry in entries if len(entry) > 3]
    for year, entries in ChinaStaticHolidays.special_public_holidays.items()
}
_SATURDAY = 5

PUBLISHED = frozenset(_SWAPS)
"""The years whose notice is known."""

PUBLISHED_UNTIL = max(PUBLISHED)
"""The last year whose make-up workdays are known."""


@dataclass(frozen=True, slots=True)
class ChineseYear:
    """The days of one year that do not follow their weekday.

    `off`: closed days. In a published year a break is the whole run of days off around a statutory holiday, weekends
    included, as its notice names it (1 to 7 October 2026), so that a desk open at weekends closes too. It may begin in
    the year before the notice's.
    `makeup`: weekend days that are worked, each with the weekday (0 is Monday) whose work it makes up for.
    """

    off: frozenset[date]
    makeup: Mapping[date, int]


@lru_cache(maxsize=256)
def chinese_year(year: int) -> ChineseYear:
    """The days off and make-up workdays of one year, from 1950 to 2100; outside it none are known."""
    swaps = {worked: free for free, worked in _swaps(year)}
    around = frozenset(country_holidays("CN", years=(year - 1, year, year + 1)))
    off = {day for day in around if day.year == year}
    # Next year's notice, too, may name days of this one: 31 December 2022 belongs to the break of 2023.
    for day in (day for day in around if day.year in _SWAPS and day.year in (year, year + 1)):
        for step in (timedelta(days=-1), timedelta(days=1)):
            beside = day + step
            while beside not in swaps and (beside in around or beside.weekday() >= _SATURDAY):
                off.update((beside,) if beside.year == year else ())
                beside += step
    makeup = {worked: free.weekday() for worked, free in swaps.items() if worked.year == year}
    return ChineseYear(frozenset(off), makeup)


def _swaps(year: int) -> list[tuple[date, date]]:
    """Pairs of a weekday off and the weekend day worked for it; a notice may reach into the year before or after."""
    pairs = []
    for of_year in (year - 1, year, year + 1):
        for swap in _SWAPS.get(of_year, ()):
            free = date(of_year, swap[0], swap[1])
            worked = date(swap[4] if len(swap) > 4 else of_year, swap[2], swap[3])
            pairs.append((free, worked))
    return pairs
