"""How much is tried at once, and which partitions wait: what failed is halved until only the guilty record is left.

Pure: it is told what came of a portion and says what comes next. A portion that fails, for whatever reason, is tried
again with half of its records; one that passes makes the next twice as large. A record that fails alone without being
guilty, because somebody holds what it needs, is put off with its whole partition, and the others go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import TopicPartition

from shared.bus.record import Record
from shared.retry import backoff_seconds

PASSES_BELOW: Final = 8
"""So many portions pass at the size below one that took too long before a larger one is tried."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """A partition waits until a time for the record at ``offset``, for the ``times``-th time."""

    offset: int
    until: float
    times: int
    reason: str


class Portions:
    """Of at most so many records. Times are seconds of one monotonic clock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._put_off: dict[TopicPartition, PutOff] = {}
        self._ceiling = most
        self._passed_below = 0
        self.size = most

    @property
    def is_small(self) -> bool:
        """Whether something failed a while ago."""
        return self.size < self._most

    def next(self, records: Sequence[Record], now: float) -> Sequence[Record]:
        """What is tried next of these, which are in the order of their partitions; nothing when all of them wait."""
        if not self._put_off:
            return records[: self.size]
        waiting = {place for place in self._put_off if self.is_put_off(place, now)}
        return [record for record in records if record.place not in waiting][: self.size]

    def passed(self, records: Sequence[Record]) -> None:
        """These are done."""
        self._passed_below += 1
        if self._passed_below >= PASSES_BELOW:
            self._ceiling = self._most
        self.size = min(self._ceiling, max(self.size, len(records)) * 2)
        if self._put_off:
            for place in {record.place for record in records}:
                self._put_off.pop(place, None)

    def failed(self, records: Sequence[Record], *, too_much: bool = False) -> None:
        """These failed. ``too_much``: because they took too long, which so many are going to do again."""
        self.size = max(1, len(records) // 2)
        self._ceiling = self.size if too_much and len(records) > 1 else self._most
        self._passed_below = 0

    def put_off(self, record: Record, reason: str, now: float) -> None:
        """This record, and what stands behind it in its partition, is tried again in a while."""
        before = self._put_off.get(record.place)
        times = before.times + 1 if before and before.offset == record.offset else 1
        until = now + backoff_seconds(times, most=5.0)
        self._put_off[record.place] = PutOff(record.offset, until, times, reason)

    def is_put_off(self, place: TopicPartition, now: float) -> bool:
        """Whether nothing of this partition is to be tried now."""
        one = self._put_off.get(place)
        return one is not None and now < one.until

    def reasons(self) -> dict[TopicPartition, str]:
        """The partitions that were put off and have not passed since, and why."""
        return {place: one.reason for place, one in self._put_off.items()}

    def forget(self, places: Sequence[TopicPartition]) -> None:
        """Of what was put off only these are ours still."""
        for place in self._put_off.keys() - set(places):
            del self._put_off[place]
