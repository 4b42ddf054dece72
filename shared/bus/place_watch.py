"""Looks every few seconds whether the places of this process are still what they were, while it runs.

aiokafka notices a topic that was made anew minutes later, if at all, and then begins where it likes.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient

from shared.bus import place_store
from shared.bus.batch import BatchProcessor
from shared.bus.claiming import Claimant
from shared.bus.fence import Fence
from shared.bus.logs import logs_of
from shared.bus.places import Change, Log, Place, change_of
from shared.bus.reference_keys import not_read_anew
from shared.bus.topic_ids import NamedTopic, topics_named
from shared.bus.transactions import Transactions
from shared.failures import for_log, is_transient

LEVEL_SECONDS: Final = 30.0
"""How often it is written down that a partition in which nothing happens is read to its end."""

FORGOTTEN_TOGETHER: Final = 500

GRACE_SECONDS: Final = 10.0
"""Whoever made a topic anew is given so long to fill it, before what is not in it counts as gone."""

log = structlog.get_logger()


class PlaceWatch:
    """``look`` every few seconds. ``missing`` are the topics that do not exist now."""

    def __init__(
        self,
        transactions: Transactions,
        fence: Fence,
        processor: BatchProcessor,
        claimant: Claimant,
        topics: Sequence[str],
    ) -> None:
        self._transactions = transactions
        self._fence = fence
        self._processor = processor
        self._claimant = claimant
        self._topics = tuple(topics)
        self._named: dict[str, NamedTopic] | None = None
        self._doubted: set[TopicPartition] = set()
        self._noted: dict[TopicPartition, float] = {}
        self._since: dict[TopicPartition, float] = {}
        self.missing: tuple[str, ...] = ()

    async def watch(self, clients: Sequence[AIOKafkaClient], seconds: float) -> None:
        """Runs until cancelled. ``clients`` have to learn at once when topics change."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.look(clients)
            except Exception as error:
                report = log.warning if is_transient(error) else log.exception
                report("bus.look_failed", error=for_log(error))

    async def look(self, clients: Sequence[AIOKafkaClient]) -> None:
        """One look at everything."""
        consumer = self._claimant.consumer
        assert consumer is not None, "it is there before anybody looks"
        named = await topics_named(consumer._client, self._topics)
        self.missing = tuple(sorted(set(self._topics) - named.keys()))
        changed = self._named is not None and named != self._named
        for client in clients:
            if changed or _is_behind(client, named):
                client.force_metadata_update()
        self._named = named
        places = {place for place in self._claimant.readers if place.topic in named}
        if places:
            await self._compare(await logs_of(consumer, places, named))

    async def _compare(self, logs: Mapping[TopicPartition, Log]) -> None:
        known = {place: one for place, one in self._claimant.places.items() if place in logs and self._position(place)}
        changes = {place: self._change(place, one, logs[place]) for place, one in known.items()}
        changed = {place for place, change in changes.items() if change is not None}
        # what a broker says of the end of a log may be old for a moment after another took over from it
        sure = {place for place in changed if changes[place] is Change.MADE_ANEW or place in self._doubted}
        self._doubted = changed - sure
        if sure:
            async with self._claimant.busy:
                self._claimant.claim(sure & self._claimant.readers.keys())
        await self._note({place: logs[place] for place in known.keys() - changed})
        filled = {place.topic for place, one in logs.items() if one.end > one.start}
        for place in known.keys() - changed:
            if place.topic in filled:
                await self._forget_the_unheard(place)

    def _change(self, place: TopicPartition, known: Place, log_now: Log) -> Change | None:
        position = self._fence.position(place)
        assert position is not None
        return change_of(place.topic, position, known, log_now, tombstones_live=None)

    def _position(self, place: TopicPartition) -> bool:
        return self._fence.position(place) is not None

    def _is_read_to(self, place: TopicPartition, offset: int) -> bool:
        """Whether all that lies before this offset is dealt with; it need not hold records up to it."""
        position, reader = self._fence.position(place), self._claimant.readers.get(place)
        if position is None or reader is None:
            return False
        return position >= offset or (reader.is_hungry and reader.next >= offset and position == reader.handed)

    async def _note(self, logs: Mapping[TopicPartition, Log]) -> None:
        now = time.monotonic()
        level = {place for place, one in logs.items() if self._is_read_to(place, one.end)}
        moved = {place for place, one in logs.items() if one != self._claimant.places[place].log}
        due = moved | {place for place in level if now - self._noted.get(place, 0.0) > LEVEL_SECONDS}
        epochs = {place: epoch for place in due if (epoch := self._fence.epoch(place)) is not None}
        if not epochs:
            return
        async with self._transactions.pool.acquire() as connection:
            await place_store.note(connection, {place: logs[place] for place in epochs}, epochs, level)
        for place in epochs:
            self._noted[place] = now
            self._claimant.note(place, logs[place])

    async def _forget_the_unheard(self, place: TopicPartition) -> None:
        known = self._claimant.places.get(place)
        if known is None or known.anew_to is None or not self._is_read_to(place, known.anew_to):
            self._since.pop(place, None)
            return
        if time.monotonic() - self._since.setdefault(place, time.monotonic()) < GRACE_SECONDS:
            return
        forgotten = 0
        while True:
            async with self._claimant.busy:
                if self._claimant.places.get(place) != known:
                    return
                async with self._transactions.pool.acquire() as connection:
                    keys = await not_read_anew(connection, place, known.generation, FORGOTTEN_TOGETHER)
                if not keys:
                    break
                await self._processor.forget(place, keys)
                forgotten += len(keys)
        async with self._transactions.pool.acquire() as connection:
            await place_store.done_anew(connection, place, known.generation)
        self._claimant.note(place, known.log, is_anew=True)
        log.info("bus.read_anew", topic=place.topic, partition=place.partition, forgotten=forgotten)


def _is_behind(client: AIOKafkaClient, named: Mapping[str, NamedTopic]) -> bool:
    """Whether it does not know of partitions that somebody added; by itself it asks every five minutes."""
    known = {name: len(client.cluster.partitions_for_topic(name) or ()) for name in named}
    return any(known[name] < topic.partitions for name, topic in named.items())
