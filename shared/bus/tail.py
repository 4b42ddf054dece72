"""Topics read as they lie, by whoever is in no group: to the end of now, or as they grow. Nothing is committed.

For people, tools and replicas that each need all of a topic. It reads as the services do (`reading.py`), so that no
bytes of a stranger end it: what cannot be read is handed out as what it is, with its place and the reason, and the
reader goes on behind it. Only a log that does not answer, or may not be read, is an error.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Mapping
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.bus.connection import connection
from shared.bus.fetching import Fetcher
from shared.bus.reading import Found, PartitionReader
from shared.bus.record import COMPACTED
from shared.bus.topic_ids import topics_named
from shared.contracts.topics import MAX_RECORD_BYTES
from shared.failures import for_log
from shared.settings import KafkaSettings

STALLED_SECONDS: Final = 15.0
"""Nothing comes for so long although something lies there: whoever waits for the end is told."""

CONNECT_SECONDS: Final = 10.0

_AT_ONCE: Final = 1000
_LOOK_SECONDS: Final = 0.2

Offsets = dict[TopicPartition, int]

log = structlog.get_logger()


class StalledError(TimeoutError):
    """Nothing comes from a log that has not been read to the end. Says why, as far as it is known."""


class Tail:
    """Reads partitions through ``consumer``, which has no group and is assigned nothing: it knows where logs lie."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._fetcher = Fetcher(consumer._client)
        self._topics: set[str] = set()

    async def partitions(self, topics: Iterable[str]) -> dict[str, list[TopicPartition]]:
        """The partitions of the topics that exist; a missing topic is left out."""
        found = await topics_named(self._consumer._client, topics)
        await self._know(found)
        return {name: [TopicPartition(name, one) for one in range(found[name].partitions)] for name in sorted(found)}

    async def begins(self, places: Collection[TopicPartition]) -> Offsets:
        """The first offset that each partition still holds."""
        await self._know({place.topic for place in places})
        return {**await self._consumer.beginning_offsets(list(places))} if places else {}

    async def ends(self, places: Collection[TopicPartition]) -> Offsets:
        """The offset behind the last of each partition, as it is now."""
        await self._know({place.topic for place in places})
        return {**await self._consumer.end_offsets(list(places))} if places else {}

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncGenerator[Found, None]:
        """What lies from ``starts`` to before ``ends``, each partition in order.

        What lies nowhere is passed: gaps of compaction, markers of transactions, and what was deleted meanwhile.
        Raises StalledError when nothing comes for ``STALLED_SECONDS``.
        """
        await self._know({place.topic for place in starts})
        left = {place: _reader(place, start) for place, start in starts.items() if start < ends[place]}
        until = dict(ends)
        time = asyncio.get_running_loop().time
        progressed, before = time(), -1
        while left:
            self._fetcher.arrived.clear()
            if lost := [reader for reader in left.values() if reader.is_lost]:
                for place, end in (await self._find_again(lost)).items():
                    until[place] = min(until[place], end)
            for place, reader in [*left.items()]:
                for found in self._at_hand(reader):
                    if found.offset < until[place]:
                        yield found
                if reader.next >= until[place]:
                    del left[place]
            if (now := sum(reader.next for reader in left.values())) != before:
                progressed, before = time(), now
            elif time() - progressed > STALLED_SECONDS:
                raise StalledError(_told(left.values()))
            await self._look(left.values())

    async def follow(self, starts: Mapping[TopicPartition, int]) -> AsyncGenerator[Found, None]:
        """What lies from ``starts`` on and what comes behind it, as it comes, without end.

        It waits for brokers that are away. A log that is made anew is followed from its beginning.
        """
        await self._know({place.topic for place in starts})
        readers = [_reader(place, start) for place, start in starts.items()]
        while True:
            self._fetcher.arrived.clear()
            if lost := [reader for reader in readers if reader.is_lost]:
                await self._find_again(lost)
            for reader in readers:
                for found in self._at_hand(reader):
                    yield found
            await self._look(readers)

    async def _know(self, topics: Iterable[str]) -> None:
        """The client keeps track of who leads the partitions of all topics that are read, of none of the others."""
        if not self._topics.issuperset(topics):
            self._topics.update(topics)
            await self._consumer._client.set_topics(self._topics)

    def _at_hand(self, reader: PartitionReader) -> Iterable[Found]:
        """All that is there already; behind damage that did not go away it goes on, and hands out where that is."""
        while True:
            try:
                found = reader.hand_out(_AT_ONCE, MAX_RECORD_BYTES)
            except Exception as error:  # whatever its bytes do to us, they do it to this place alone
                log.exception("tail.unreadable", topic=reader.place.topic, partition=reader.place.partition)
                reader.rewind(reader.handed)
                reader.fail(for_log(error), is_damage=True)
                return
            yield from found
            if found:
                continue
            trouble = reader.trouble
            if trouble is None or not reader.is_halted:
                return
            if not trouble.is_damage:
                raise StalledError(_told([reader]))
            if not reader.step_over(trouble.begin, code="damaged", told="It was passed over"):
                return

    async def _look(self, readers: Collection[PartitionReader]) -> None:
        self._fetcher.ask(readers)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._fetcher.arrived.wait(), _LOOK_SECONDS)

    async def _find_again(self, readers: Collection[PartitionReader]) -> Offsets:
        """Those whose log holds no more what comes next go on at its beginning. Returns where the logs end now."""
        places = [reader.place for reader in readers]
        begins = await self.begins(places)
        for reader in readers:
            begin = begins[reader.place]
            log.warning(
                "tail.gone", topic=reader.place.topic, partition=reader.place.partition, was=reader.next, now=begin
            )
            reader.rewind(begin)
            reader.is_lost = False
        return await self.ends(places)


@contextlib.asynccontextmanager
async def tail_of(servers: str, *, client_id: str, access: KafkaSettings | None = None) -> AsyncIterator[Tail]:
    """A connected tail. Raises KafkaError or TimeoutError when Kafka does not answer."""
    consumer = AIOKafkaConsumer(**connection(servers, client_id=client_id, access=access), enable_auto_commit=False)
    tail = Tail(consumer)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await consumer.start()
        yield tail
    finally:
        await tail._fetcher.close()
        await consumer.stop()


def _reader(place: TopicPartition, offset: int) -> PartitionReader:
    return PartitionReader(place, offset, compacted=place.topic in COMPACTED)


def _told(readers: Collection[PartitionReader]) -> str:
    """Which partitions are not read to the end, and what is in the way of the first that knows."""
    troubled = next((one for one in readers if one.trouble), None)
    what = f"nothing came from {len(readers)} partition{'s' * (len(readers) != 1)}"
    if troubled is None or troubled.trouble is None:
        return f"{what} for {STALLED_SECONDS:.0f} s"
    return f"{what} ({troubled.place.topic}[{troubled.place.partition}]@{troubled.next}: {troubled.trouble.reason})"
