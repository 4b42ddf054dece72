"""The open time of one UTC month, compiled once: real intervals and prefix sums, so that a question is a bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.sla.domain.calendar_rules import Hours

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_DAY_SECONDS = 86_400
_PROBE_SECONDS = 6 * 3600


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware moment, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The moment, in UTC, so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=value)


@dataclass(frozen=True, slots=True)
class OpenTime:
    """Open intervals of one month, in microseconds since 1970: half-open, apart, in order.

    `before[i]` is the open time of the month before interval i, and has one more entry: the month's total.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]

    @property
    def total(self) -> int:
        """The open time of the whole month, in microseconds."""
        return self.before[-1]

    def until(self, at: int) -> int:
        """Open time from the month's beginning to `at`."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at, self.ends[index]) - self.starts[index]

    def reach(self, worked: int) -> int:
        """The first moment at which `worked` open time has passed, for 0 < worked <= total: closing time stays."""
        index = bisect_left(self.before, worked) - 1
        return self.starts[index] + worked - self.before[index]

    def open_from(self, at: int) -> int | None:
        """`at` when it is open, else the next opening of the month, else None."""
        index = bisect_right(self.ends, at)
        return max(at, self.starts[index]) if index < len(self.starts) else None


def compile_month(zone: ZoneInfo, hours_of: Callable[[date], Hours], month: int) -> OpenTime:
    """The open time of the UTC month `year * 12 + month - 1`.

    A moment is open exactly when its local wall-clock time is: an hour that a clock change skips is never open, and one
    that it repeats is open twice when it is open at all.
    """
    first, past = _month_start(month), _month_start(month + 1)
    spans: list[tuple[int, int]] = []
    for begin, end, offset in _offsets(zone, first, past):
        for start, stop in _local_hours(hours_of, begin + offset, end + offset):
            spans.append((start - offset, stop - offset))
    starts: list[int] = []
    ends: list[int] = []
    for start, stop in spans:
        if ends and ends[-1] == start:
            ends[-1] = stop
        else:
            starts.append(start)
            ends.append(stop)
    before = [0]
    for start, stop in zip(starts, ends, strict=True):
        before.append(before[-1] + (stop - start) * _SECOND)
    return OpenTime(tuple(start * _SECOND for start in starts), tuple(end * _SECOND for end in ends), tuple(before))


def _month_start(month: int) -> int:
    return (date(month // 12, month % 12 + 1, 1).toordinal() - _EPOCH_DAY) * _DAY_SECONDS


def _local_hours(hours_of: Callable[[date], Hours], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Open local intervals, in local seconds since 1970, cut to [begin, end)."""
    for day in range(begin // _DAY_SECONDS, (end - 1) // _DAY_SECONDS + 1):
        for opening, closing in hours_of(date.fromordinal(_EPOCH_DAY + day)):
            start = max(begin, day * _DAY_SECONDS + opening * 60)
            stop = min(end, day * _DAY_SECONDS + closing * 60)
            if start < stop:
                yield start, stop


def _offsets(zone: ZoneInfo, first: int, past: int) -> Iterator[tuple[int, int, int]]:
    """Stretches of [first, past) with one UTC offset each: (begin, end, offset), in seconds."""
    begin, offset = first, _offset(zone, first)
    for probe in range(first, past, _PROBE_SECONDS):
        later = min(probe + _PROBE_SECONDS, past)
        if _offset(zone, later) != offset:
            change = _change(zone, max(probe, begin), later, offset)
            yield begin, change, offset
            begin, offset = change, _offset(zone, later)
    if begin < past:
        yield begin, past, offset


def _change(zone: ZoneInfo, low: int, high: int, offset: int) -> int:
    """The first second of (low, high] that no longer has the offset of `low`."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
