"""The toy service on real servers: a database of its own for every test, actions in, counts and events out."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared.bus.publisher import partition_of
from shared.bus.topics import create
from shared.contracts import topics
from tests.integration.bus.forked import ForkedToy
from tests.integration.bus.topics_changed import Topics
from tests.integration.bus.toy import POISON, prepare

SECONDS = 40.0
QUICK = {"KEFU_BUS_SESSION_SECONDS": "1.5", "KEFU_BUS_HEARTBEAT_SECONDS": "0.3"}
TYPE = ("ce_type", b"support.action.requested.v1")


@dataclass
class Toy:
    """One toy service, and what a test can do with it."""

    environment: dict[str, str]
    producer: AIOKafkaProducer
    database: asyncpg.Connection
    admin: asyncpg.Connection
    admin_url: str
    log: Path
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    processes: list[ForkedToy | subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, **settings: str) -> ForkedToy:
        """Starts the service as a process; settings become environment variables."""
        process = ForkedToy({**self._surroundings(), **settings}, self.log)
        self.processes.append(process)
        return process

    def start_with_the_clock_off(self, seconds: int) -> None:
        """The same on a host whose clock is ahead by so many seconds, or behind."""
        command = [sys.executable, "-m", "tests.chaos.skewed", str(seconds), "tests.integration.bus.toy"]
        with self.log.open("ab") as log:
            self.processes.append(subprocess.Popen(command, env=self._surroundings(), stderr=log, stdout=log))

    def _surroundings(self) -> dict[str, str]:
        return {**os.environ, **self.environment, **QUICK, "KEFU_HTTP_PORT": "0"}

    def ticket(self, number: int) -> str:
        """The id of a ticket of this test."""
        return f"{self.run}-{number}"

    async def act(self, ticket: str, name: str, text: str | None = None, partition: int | None = None) -> None:
        """Publishes one action, where the key belongs or in this partition."""
        quoted = "null" if text is None else f'"{text}"'
        value = (
            f'{{"action_id": "{name}", "ticket_id": "{ticket}", "kind": "accept", "text": {quoted},'
            f' "actor": {{"kind": "agent", "id": "a"}}}}'
        )
        await self.producer.send_and_wait(
            topics.ACTION.name, value.encode(), ticket.encode(), partition=partition, headers=[TYPE]
        )

    async def send(self, key: str, value: bytes | None, headers: list[tuple[str, bytes | None]] | None = None) -> None:
        """Publishes anything where the actions of ``key`` go."""
        await self.producer.send_and_wait(
            topics.ACTION.name, value, key.encode(), headers=[TYPE] if headers is None else headers
        )

    async def counts(self) -> dict[str, int]:
        """How many actions were counted, by ticket."""
        rows = await self.database.fetch("select ticket_id, actions from routing.tally")
        return {row["ticket_id"]: row["actions"] for row in rows}

    async def order_of(self, ticket: str) -> list[str]:
        """The actions of a ticket as they were counted."""
        order: list[str] = await self.database.fetchval(
            "select order_seen from routing.tally where ticket_id = $1", ticket
        )
        return order

    async def until(self, condition: Callable[[], Awaitable[bool]], *, seconds: float = SECONDS) -> None:
        """Waits until something is so, or fails with the service's log."""
        try:
            async with asyncio.timeout(seconds):
                while not await condition():  # noqa: ASYNC110 - the condition lives in another process
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"not within {seconds} s; the log ends with:\n{self.log.read_text()[-3000:]}")

    async def until_counted(self, number: int, *, seconds: float = SECONDS) -> None:
        """Waits until so many actions were counted."""

        async def counted() -> bool:
            return sum((await self.counts()).values()) >= number

        await self.until(counted, seconds=seconds)

    async def until_outbox_is_empty(self) -> None:
        """Waits until everything was said."""

        async def empty() -> bool:
            return bool(await self.database.fetchval("select count(*) = 0 from routing.outbox"))

        await self.until(empty)

    async def end_of(self, topic: str, partition: int) -> int:
        """Where a partition ends."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.environment["KAFKA_BOOTSTRAP_SERVERS"])
        await consumer.start()
        try:
            place = TopicPartition(topic, partition)
            return int((await consumer.end_offsets([place]))[place])
        finally:
            await consumer.stop()

    async def reconnect(self) -> None:
        """Connects to the database anew, also as its administrator, once it is back."""
        for _ in range(200):
            try:
                await asyncio.gather(
                    self.database.close(timeout=1), self.admin.close(timeout=1), return_exceptions=True
                )
                self.admin = await asyncpg.connect(self.admin_url)
                self.database = await asyncpg.connect(self.environment["DATABASE_URL"])
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.1)
            else:
                return
        pytest.fail("the database did not come back")

    async def said(self, topic: str, *, of: str | None = "") -> list[ConsumerRecord]:
        """All that is on a topic about the tickets of this test (``of=None``: all there is), by partitions."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.environment["KAFKA_BOOTSTRAP_SERVERS"], isolation_level="read_committed"
        )
        await consumer.start()
        mine = (of or self.run).encode()
        try:
            places = [TopicPartition(topic, number) for number in range(topics.PARTITIONS)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found: list[ConsumerRecord] = []
            open_ends = {place for place in places if ends[place] > 0}
            while open_ends:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [record for record in records if of is None or (record.key or b"").startswith(mine)]
                open_ends = {place for place in open_ends if await consumer.position(place) < ends[place]}
            return found
        finally:
            await consumer.stop()


@pytest.fixture
async def toy(servers: dict[str, str], tmp_path: Path) -> AsyncIterator[Toy]:
    """A toy service that is not running yet, with an empty database, positioned at the end of the topic."""
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
    name = f"toy_{uuid.uuid4().hex[:12]}"
    base = servers["DATABASE_URL"].rpartition("/")[0]
    admin = await asyncpg.connect(servers["DATABASE_URL"])
    await admin.execute(f"create database {name}")
    url = f"{base}/{name}"
    await prepare(url)
    producer = AIOKafkaProducer(
        bootstrap_servers=servers["KAFKA_BOOTSTRAP_SERVERS"],
        max_request_size=8_000_000,
        enable_idempotence=True,  # what it sends again when the broker dies stands in the log once
    )
    await producer.start()
    await _position_at_end(servers["KAFKA_BOOTSTRAP_SERVERS"], url)
    database = await asyncpg.connect(url)
    environment = {**servers, "DATABASE_URL": url, "TOY_GROUP": name}
    made = Toy(environment, producer, database, admin, servers["DATABASE_URL"], tmp_path / "toy.log")
    try:
        yield made
    finally:
        for process in made.processes:
            process.kill()
            process.wait()
        await producer.stop()
        await made.database.close()
        await made.admin.execute(f"drop database {name} with (force)")
        await made.admin.close()


async def _position_at_end(brokers: str, url: str) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers)
    await consumer.start()
    places = [TopicPartition(topics.ACTION.name, number) for number in range(topics.PARTITIONS)]
    ends = await consumer.end_offsets(places)
    await consumer.stop()
    connection = await asyncpg.connect(url)
    await connection.executemany(
        "insert into routing.consumer_offset (topic, part, next_off, epoch, owner) values ($1, $2, $3, 1, 'test')",
        [(place.topic, place.partition, end) for place, end in ends.items()],
    )
    await connection.close()


@pytest.fixture
async def administrator(servers: dict[str, str]) -> AsyncIterator[Topics]:
    """Somebody who may do anything to the topics; they are whole again afterwards."""
    made = Topics(servers["KAFKA_BOOTSTRAP_SERVERS"])
    await made.admin.start()
    try:
        yield made
    finally:
        await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
        await made.admin.close()


@pytest.fixture
def keys_of_one_partition() -> Callable[[str, int], list[str]]:
    """Keys that start with a prefix and all fall into the partition of the first."""

    def find(prefix: str, count: int) -> list[str]:
        wanted = partition_of(f"{prefix}-0".encode())
        numbers = (number for number in range(100_000) if partition_of(f"{prefix}-{number}".encode()) == wanted)
        return [f"{prefix}-{number}" for number, _ in zip(numbers, range(count), strict=False)]

    return find


__all__ = ["POISON", "Toy"]
