"""Days that are called by a name: feasts and the trade's own (双十一), by year."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from holidays import country_holidays

_FIXED: Final = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "三八节": (3, 8), "女神节": (3, 8), "愚人节": (4, 1),
    "五一": (5, 1), "劳动节": (5, 1), "五四青年节": (5, 4), "青年节": (5, 4), "520": (5, 20), "六一": (6, 1),
    "儿童节": (6, 1), "618": (6, 18), "六一八": (6, 18), "建党节": (7, 1), "建军节": (8, 1), "八一建军节": (8, 1),
    "教师节": (9, 10), "国庆": (10, 1), "十一": (10, 1), "万圣节": (10, 31), "光棍节": (11, 11), "双十一": (11, 11),
    "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12), "平安夜": (12, 24), "圣诞": (12, 25), "跨年夜": (12, 31),
}  # fmt: skip
_MOVING: Final = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
_NEW_YEAR: Final = {
    **dict.fromkeys(("除夕", "大年三十", "年三十", "年夜", "大年夜"), -1),
    **{f"{month}初{day}": after for after, day in enumerate("一二三四五六七") for month in ("大年", "正月", "年")},
    **dict.fromkeys(("春节", "新春"), 0),
    **dict.fromkeys(("元宵", "正月十五"), 14),
}
_SUNDAYS: Final = {"母亲节": (5, 2), "父亲节": (6, 3)}

NAMES: Final = (*_FIXED, *_MOVING, *_NEW_YEAR, *_SUNDAYS)


def feast(name: str, year: int) -> date:
    """The day of this feast in this year. Raises ``ValueError`` when nobody can say."""
    if name in _FIXED:
        return date(year, *_FIXED[name])
    if name in _SUNDAYS:
        return _nth_sunday(year, *_SUNDAYS[name])
    if name in _NEW_YEAR:
        return _statutory("春节", year) + timedelta(days=_NEW_YEAR[name])
    return _statutory(_MOVING[name], year)


@lru_cache(maxsize=256)
def _statutory(name: str, year: int) -> date:
    days = country_holidays("CN", years=year, language="zh_CN").get_named(name, lookup="exact")
    if not days:
        raise ValueError(f"no {name} known in {year}")
    return min(days)


def _nth_sunday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))
