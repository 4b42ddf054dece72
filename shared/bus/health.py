"""How the partitions of this process are: how many records wait, which stand still, which cannot be read."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition

from shared.bus.fence import Fence
from shared.bus.reading import PartitionReader
from shared.telemetry import metrics


@dataclass(frozen=True, slots=True)
class Standstill:
    """Records wait in a partition whose position has not moved for some ``seconds``."""

    place: TopicPartition
    position: int
    waiting: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{place_name(self.place)} has stood at offset {self.position} for {self.seconds:.0f} s "
            f"while {self.waiting} records wait"
        )


class PartitionHealth:
    """Of the partitions in ``readers``, which change with every assignment."""

    def __init__(self, fence: Fence, readers: Mapping[TopicPartition, PartitionReader]) -> None:
        self._fence = fence
        self._readers = readers
        self._since: dict[TopicPartition, tuple[int, float]] = {}

    def look(self) -> None:
        """Notes who moves, and tells the metrics. Call it about every second."""
        now, positions = time.monotonic(), self.positions()
        waiting = self.waiting()
        self._since = {
            place: kept if (kept := self._since.get(place)) and kept[0] == positions[place] else (positions[place], now)
            for place in waiting
        }
        longest = self.standstill()
        metrics.LAG_RECORDS.set(sum(waiting.values()))
        metrics.STANDSTILL_SECONDS.set(longest.seconds if longest else 0)
        metrics.UNREADABLE_PARTITIONS.set(len(self.unreadable()))

    def positions(self) -> dict[TopicPartition, int]:
        """How far each partition is processed."""
        found = {place: self._fence.position(place) for place in self._readers}
        return {place: position for place, position in found.items() if position is not None}

    def waiting(self) -> dict[TopicPartition, int]:
        """The partitions in which records wait, and how many: those of transactions that are still open, too."""
        counts = {place: self._readers[place].waiting(at) for place, at in self.positions().items()}
        return {place: count for place, count in counts.items() if count}

    def standstill(self) -> Standstill | None:
        """The longest that records wait now in a partition that does not move."""
        now, positions, waiting = time.monotonic(), self.positions(), self.waiting()
        standing = [
            Standstill(place, position, waiting[place], now - since)
            for place, (position, since) in self._since.items()
            if place in waiting and positions[place] == position
        ]
        return max(standing, key=lambda one: one.seconds, default=None)

    def unreadable(self) -> dict[TopicPartition, str]:
        """The partitions that are halted, each by itself, with the offset and the reason."""
        return {
            place: f"cannot be read at offset {trouble.begin}: {trouble.reason}"
            for place, reader in self._readers.items()
            if (trouble := reader.trouble) and reader.is_halted
        }


def place_name(place: TopicPartition) -> str:
    """For people: ``topic[partition]``."""
    return f"{place.topic}[{place.partition}]"
