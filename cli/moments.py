"""Moments for people, in the time zone of this machine and never without saying which, and for programs."""

from collections.abc import Iterable
from datetime import datetime


def local_time(at: datetime) -> str:
    """`2026-10-15 16:05:00+08:00`."""
    return at.astimezone().isoformat(" ", "seconds")


def date_and_time(at: datetime) -> str:
    """`2026-10-15 16:05:00`, where something else says the zone."""
    return local_time(at)[:19]


def time_of_day(at: datetime) -> str:
    """`16:05:00`, below a heading of ``day``."""
    return local_time(at)[11:19]


def day(at: datetime) -> str:
    """`2026-10-15 (+08:00)`: the heading for the times of a day."""
    written = local_time(at)
    return f"{written[:10]} ({written[19:]})"


def common_offset(moments: Iterable[datetime]) -> str | None:
    """`+08:00` when all of them have it here; None when there are several, as where summer time begins, or none."""
    offsets = {local_time(at)[19:] for at in moments}
    return offsets.pop() if len(offsets) == 1 else None


def iso(at: datetime | None) -> str | None:
    """A moment for programs: RFC 3339 with offset."""
    return at.isoformat() if at else None
