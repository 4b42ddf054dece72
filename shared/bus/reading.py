"""How far one partition is read, and what of it is at hand. Pure: answers of a broker in, records out, in order.

It never goes past an offset without having seen what lies there. Where the log of a topic that is not compacted has a
hole, the records in it may have been lost on the way, so the hole is guilty until a second answer, to a question that
began at exactly its first offset and with no error in between, shows it again. Whatever goes wrong costs what is at
hand and nothing else: it is asked for again.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

import structlog
from aiokafka import TopicPartition

from shared.bus.raw_batch import DamagedError, RawBatch, RawRecord, UnusableError, split
from shared.telemetry import metrics

TRIES: Final = 5
"""So often a place is read in vain before its partition is halted."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UnusableBatch:
    """Offsets from ``begin`` to before ``end`` that hold what cannot be read, and what can be told of it."""

    place: TopicPartition
    begin: int
    end: int
    size: int
    sha256: str
    reason: str
    message: str

    @property
    def offset(self) -> int:
        """The last of them: whoever is done with it goes on behind."""
        return self.end - 1


Found = RawRecord | UnusableBatch


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a broker says of a partition: the log lies from ``start`` to ``end``, and from ``offset`` it holds this."""

    offset: int
    data: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing comes from offset ``begin``, how often that was so, and the ``batch`` that lies there, if known."""

    begin: int
    end: int
    reason: str
    tries: int
    batch: RawBatch | None = None
    is_damage: bool = False
    """Whether it is what lies there that cannot be read; else nothing could be asked for."""


class PartitionReader:
    """Reads one partition from ``offset``, where its fence stands."""

    def __init__(self, place: TopicPartition, offset: int, *, compacted: bool) -> None:
        self.place = place
        self.log_end = offset
        """Where the log ended when it last answered; what an open transaction wrote lies before it."""
        self.is_lost = False
        """Whether the log no longer holds what was to be read next."""
        self.trouble: Trouble | None = None
        self._compacted = compacted
        self._hole: tuple[int, int] | None = None
        self._batches: deque[RawBatch] = deque()
        self._records: deque[Found] = deque()
        self.rewind(offset)

    def rewind(self, offset: int) -> None:
        """From here on ``offset`` is read next. Forgets what is at hand, but not what was in the way."""
        self.next = offset
        """The first offset nobody has looked at; what an answer has to begin with."""
        self.handed = offset
        """Where the fence has to stand once all that was handed out is done with."""
        self._asked = offset
        self._hole = None
        self._batches.clear()
        self._records.clear()

    @property
    def is_halted(self) -> bool:
        """Whether it was read in vain so often that a person has to look. It is still tried now and then."""
        return self.trouble is not None and self.trouble.tries >= TRIES

    @property
    def is_hungry(self) -> bool:
        """Whether nothing is at hand."""
        return not (self._batches or self._records)

    def waiting(self, position: int) -> int:
        """How many records wait when the fence stands at ``position``, as far as the latest answer knows."""
        if position == self.handed:
            position = self._records[0].offset if self._records else self.next
        return max(0, self.log_end - position)

    def take(self, answer: Fetched) -> None:
        """Notes an answer. One to an older question means nothing any more."""
        if answer.offset != self.next or not self.is_hungry:
            return
        self.log_end, self._asked = answer.end, answer.offset
        if answer.start > self.next and not self._compacted:
            self.is_lost = True
            return
        try:
            self._batches.extend(split(answer.data))
        except DamagedError as damage:
            if not self._batches:
                self.fail(str(damage), is_damage=True)
        if not answer.data and answer.end == self.next:
            self.trouble = None

    def fail(self, reason: str, *, counts: bool = True, batch: RawBatch | None = None, is_damage: bool = False) -> None:
        """Nothing came that could be read. ``counts``: as one of the tries, because it is this partition's fault."""
        before = self.trouble.tries if self.trouble and self.trouble.begin == self.next else 0
        self.trouble = Trouble(self.next, self._end_of(batch), reason, before + counts, batch, is_damage)
        self._hole = None
        self._batches.clear()

    def hand_out(self, most: int, most_bytes: int) -> list[Found]:
        """The next records in order, about so many and so large; none when more has to be fetched first."""
        found: list[Found] = []
        while len(found) < most and most_bytes > 0 and not self.is_hungry:
            if not self._records:
                self._open()  # many writers put one record into a batch: what is at hand is rarely in one of them
                continue
            one = self._records.popleft()
            most_bytes -= len(one.value or b"") if isinstance(one, RawRecord) else 0
            found.append(one)
        if found:
            self.handed = found[-1].offset + 1
        return found

    def step_over(
        self, offset: int, *, code: str = "skipped", told: str = "Stepped over because an operator wished it"
    ) -> bool:
        """Goes on behind what cannot be read at ``offset``, and hands it out as such. False when it is read by now."""
        trouble = self.trouble
        if trouble is None or not self.is_halted or not self.is_hungry or not offset == trouble.begin == self.next:
            return False
        size, digest = (len(trouble.batch.data), trouble.batch.sha256) if trouble.batch else (0, "")
        message = f"{trouble.reason}. {told}."
        self._records.append(UnusableBatch(self.place, trouble.begin, trouble.end, size, digest, code, message))
        self._go_on(trouble.end)
        return True

    def _open(self) -> None:
        batch = self._batches[0]
        try:
            batch.check()
        except DamagedError as damage:
            self.fail(str(damage), batch=batch, is_damage=True)
            return
        if batch.end <= self.next:
            self._batches.popleft()  # Kafka answers with the whole batch in which the offset lies
            return
        if batch.base > self.next and not self._compacted and not self._is_known_hole(batch.base):
            self._batches.clear()
            return
        self._batches.popleft()
        begin = max(batch.base, self.next)
        try:
            self._records.extend(record for record in batch.records(self.place) if record.offset >= begin)
        except UnusableError as error:
            self._records.append(
                UnusableBatch(self.place, begin, batch.end, len(batch.data), batch.sha256, error.reason, str(error))
            )
        self._go_on(batch.end)

    def _is_known_hole(self, end: int) -> bool:
        hole = (self.next, end)
        if hole == self._hole and self._asked == self.next:
            log.warning("bus.hole", topic=self.place.topic, partition=self.place.partition, begin=hole[0], end=hole[1])
            metrics.HOLES.labels("there").inc()
            return True
        metrics.HOLES.labels("asked_again").inc()
        self._hole = hole if self._asked == self.next else None
        return False

    def _go_on(self, offset: int) -> None:
        self.next = offset
        self.trouble = self._hole = None

    def _end_of(self, batch: RawBatch | None) -> int:
        """Where a damaged batch ends: as it says, if what follows it in the log agrees; else just behind the offset."""
        following = self._batches[1].base if len(self._batches) > 1 else self.log_end
        return batch.end if batch is not None and batch.end == following > self.next else self.next + 1
