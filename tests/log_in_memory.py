"""A log as a broker keeps it, in memory: batches in, answers to fetches out, byte for byte what Kafka would answer.

A test may change what is answered: drop, tear, spoil or raise.
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

Content = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]
"""Key, value and headers of a record."""

LEADER: Final = 1
_ATTRIBUTES_AT: Final = 21
_CRC_AT: Final = 17
_LAST_DELTA_AT: Final = 23


def a_batch(records: Sequence[Content], *, codec: int = 0, transactional: bool = False) -> bytes:
    """A batch of these records, as aiokafka's producer writes it. Its base offset is the log's to give."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=int(transactional),
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 30,
    )
    for number, (key, value, headers) in enumerate(records):
        builder.append(number, timestamp=1, key=key, value=value, headers=list(headers))
    return bytes(builder.build())


def sealed(header: bytes, body: bytes) -> bytes:
    """A batch of a header's fields and a body, its length and checksum made right."""
    batch = bytearray(header[:61] + body)
    struct.pack_into(">i", batch, 8, len(batch) - 12)
    struct.pack_into(">I", batch, _CRC_AT, calc_crc32c(batch[_ATTRIBUTES_AT:]))
    return bytes(batch)


def a_marker() -> bytes:
    """The end of a transaction: a control batch of one record, which nobody is handed."""
    batch = a_batch([(b"\0\0\0\1", b"\0\0\0\0\0\0", [])])
    (attributes,) = struct.unpack_from(">h", batch, _ATTRIBUTES_AT)
    marked = bytearray(batch)
    struct.pack_into(">h", marked, _ATTRIBUTES_AT, attributes | 0x30)
    return sealed(bytes(marked[:61]), bytes(marked[61:]))


@dataclass(slots=True)
class _Partition:
    batches: list[tuple[int, int, bytes]] = field(default_factory=list)
    end: int = 0
    read_to: int = 0


class LogInMemory:
    """Stands in for an `AIOKafkaClient`, as far as a Fetcher uses it."""

    def __init__(self, most: int = 1 << 20) -> None:
        self._partitions: defaultdict[TopicPartition, _Partition] = defaultdict(_Partition)
        self._most = most
        self.cluster = self
        self.starts: dict[TopicPartition, int] = {}
        self.disturb: Callable[[bytes], bytes] = lambda data: data

    @property
    def is_read(self) -> bool:
        """Whether all there is was asked past."""
        return all(partition.read_to == partition.end for partition in self._partitions.values())

    def append(self, place: TopicPartition, batch: bytes, *, after: int = 0) -> int:
        """Adds a batch, ``after`` so many offsets that hold nothing; returns its first offset."""
        partition = self._partitions[place]
        base = partition.end + after
        partition.end = base + struct.unpack_from(">i", batch, _LAST_DELTA_AT)[0] + 1
        partition.batches.append((base, partition.end, struct.pack(">q", base) + batch[8:]))
        return int(base)

    async def send(self, node: int, request: FetchRequest) -> Any:
        """An answer to a fetch."""
        assert node == LEADER
        return _Response([(topic, [self._answer(topic, *one) for one in asked]) for topic, asked in request.topics])

    def leader_for_partition(self, _: TopicPartition) -> int:
        """See ``ClusterMetadata``."""
        return LEADER

    def force_metadata_update(self) -> None:
        """See ``AIOKafkaClient``."""

    async def set_topics(self, _: object) -> None:
        """See ``AIOKafkaClient``."""

    def end_of(self, place: TopicPartition) -> int:
        """Where a partition ends now."""
        return self._partitions[place].end

    async def close(self) -> None:
        """See ``AIOKafkaClient``."""

    def _answer(self, topic: str, number: int, offset: int, _: int) -> tuple[Any, ...]:
        place = TopicPartition(topic, number)
        partition = self._partitions[place]
        partition.read_to = offset
        if not self.starts.get(place, 0) <= offset <= partition.end:
            return number, 1, -1, -1, -1, None, -1, b""
        data = b"".join(batch for _, end, batch in partition.batches if end > offset)
        data = self.disturb(data[: max(self._most, 1)])
        return number, 0, partition.end, partition.end, self.starts.get(place, 0), None, -1, data


@dataclass(frozen=True, slots=True)
class _Response:
    topics: list[Any]
