"""Two ways for records to reach the batch: the real broker, and a log in memory. One suite over both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import asyncpg
from aiokafka import TopicPartition

from shared.bus.batch import BatchProcessor
from shared.bus.consumer import BusConsumer
from shared.bus.faults import Faults
from shared.bus.fence import Fence
from shared.bus.fetching import Fetcher
from shared.bus.outbox import Relay
from shared.bus.publisher import KafkaPublisher, Publisher, partition_of
from shared.bus.transactions import Transactions
from shared.contracts import topics
from shared.database.pool import open_pool
from shared.settings import BusSettings
from tests.integration.bus.conftest import Toy
from tests.integration.bus.toy import SCHEMA, handle
from tests.integration.own_database import KeptPublications
from tests.log_in_memory import LogInMemory, a_batch

Sent = tuple[str, bytes | None, Sequence[tuple[str, bytes | None]]]
"""Key, value and headers of a record."""


class Transport(Protocol):
    """Carries actions to the toy's handler."""

    async def send(self, *records: Sent) -> None:
        """Hands over records in this order."""

    async def letters(self) -> list[tuple[bytes | None, bytes | None, dict[str, bytes | None]]]:
        """The dead letters so far: key, value, headers."""


class RealBroker:
    """Through Apache Kafka."""

    def __init__(self, toy: Toy) -> None:
        self._toy = toy

    async def send(self, *records: Sent) -> None:
        for key, value, headers in records:
            await self._toy.send(key, value, list(headers))

    async def letters(self) -> list[tuple[bytes | None, bytes | None, dict[str, bytes | None]]]:
        found = await self._toy.said(topics.ACTION.dead_letters("routing"))
        return [(record.key, record.value, dict(record.headers)) for record in found]


class InMemoryBroker:
    """Through a log in memory, which is fetched from, taken apart, decoded and handed on as a real one is."""

    def __init__(self, consumer: BusConsumer, published: KeptPublications) -> None:
        self._consumer = consumer
        self._published = published
        self._log = LogInMemory()
        self._fetcher = Fetcher(self._log)

    async def send(self, *records: Sent) -> None:
        for key, value, headers in records:
            place = TopicPartition(topics.ACTION.name, partition_of(key.encode()))
            self._log.append(place, a_batch([(key.encode(), value, list(headers))]))
        async with asyncio.timeout(20):
            while not self._log.is_read:
                await self._consumer._round(self._fetcher)
            await self._consumer._round(self._fetcher)

    async def letters(self) -> list[tuple[bytes | None, bytes | None, dict[str, bytes | None]]]:
        dead = topics.ACTION.dead_letters("routing")
        return [(one.key, one.value, dict(one.headers)) for one in self._published.published if one.topic == dead]


@contextlib.asynccontextmanager
async def _toy_consumer(toy: Toy, publisher: Publisher) -> AsyncIterator[tuple[BusConsumer, Fence, asyncpg.Pool]]:
    settings = BusSettings(servers=toy.environment["KAFKA_BOOTSTRAP_SERVERS"], retry_seconds=5)
    url = toy.environment["DATABASE_URL"]
    pool = await open_pool(url, schema=SCHEMA, connections=4, application="test")
    faults = Faults("")
    transactions = Transactions("routing", pool, Relay(pool, publisher, faults), faults)
    fence = Fence("test")
    processor = BatchProcessor(transactions, fence, handle, settings)
    group = toy.environment["TOY_GROUP"]
    fatal: list[str] = []
    consumer = BusConsumer(
        transactions, fence, processor, settings, topics=[topics.ACTION], group=group, on_fatal=fatal.append
    )
    try:
        yield consumer, fence, pool
        assert fatal == []
        assert consumer.halted is None
    finally:
        await publisher.close()
        await pool.close()


@contextlib.asynccontextmanager
async def real_broker(toy: Toy) -> AsyncIterator[Transport]:
    """The toy on Apache Kafka."""
    publisher = KafkaPublisher(toy.environment["KAFKA_BOOTSTRAP_SERVERS"], client_id="test")
    async with _toy_consumer(toy, publisher) as (consumer, _, _):
        await consumer.start()
        try:
            async with asyncio.timeout(20):
                while consumer.unready():  # noqa: ASYNC110 - the answer comes from the broker
                    await asyncio.sleep(0.05)
            yield RealBroker(toy)
        finally:
            await consumer.stop()


@contextlib.asynccontextmanager
async def in_memory_broker(toy: Toy) -> AsyncIterator[Transport]:
    """The toy on a log in memory."""
    await toy.database.execute("truncate routing.consumer_offset")
    published = KeptPublications()
    async with _toy_consumer(toy, published) as (consumer, fence, pool):
        places = {TopicPartition(topics.ACTION.name, number): 0 for number in range(topics.PARTITIONS)}
        async with pool.acquire() as connection:
            consumer._claimant._take_up(await fence.claim(connection, places), {})
        yield InMemoryBroker(consumer, published)
