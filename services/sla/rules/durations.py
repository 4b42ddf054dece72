"""Durations as people write them: `2h`, `1h30m`, `90s`."""

import re
from datetime import timedelta

_WRITTEN = re.compile(r"(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?")


def parse_duration(value: object) -> timedelta:
    """Hours, minutes and seconds, in this order, each with its letter.

    Days are left out on purpose: of working time nobody knows how long a day is. Raises `ValueError` with the reason.
    """
    match = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if match is None or not value:
        raise ValueError(f"{value!r} is not a duration such as 2h, 1h30m or 90s")
    hours, minutes, seconds = (int(part) for part in match.groups(default="0"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
