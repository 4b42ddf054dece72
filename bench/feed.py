"""The topics of a contestant: putting contacts in, and reading what came of them, with the times Kafka noted."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import RecordMetadata

from bench.workload import CONTACT_TYPE, Contact
from shared.bus.publisher import KafkaPublisher, Outgoing, partition_of
from shared.bus.topics import wanted
from shared.contracts import topics
from shared.contracts.services import GROUPS

OUT: Final = (topics.TICKET.name, topics.NOTICE.name)
_POLL_MILLISECONDS: Final = 200


class TookTooLongError(Exception):
    """What was waited for did not come."""


async def create_topics(servers: str, prefix: str) -> None:
    """Every topic of the contract under a prefix, made as the product makes them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics(
            [
                NewTopic(
                    name=prefix + one.name,
                    num_partitions=one.num_partitions,
                    replication_factor=one.replication_factor,
                    topic_configs=one.topic_configs,
                )
                for one in wanted()
            ]
        )
    finally:
        await admin.close()


@dataclass
class Said:
    """What was read of the log since a moment: each record with its verb, in the order of reading."""

    records: list[tuple[str, ConsumerRecord]] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)

    def of(self, verb: str) -> list[ConsumerRecord]:
        """The records of this verb; those of notices are ``notice.<verb>``."""
        return [record for name, record in self.records if name == verb]


class Feed:
    """As a context: connected. ``mark`` before something happens, ``until`` to wait for what comes of it."""

    def __init__(self, servers: str, prefix: str) -> None:
        self._prefix = prefix
        self._servers = servers
        self._publisher = KafkaPublisher(servers, client_id="kefu-bench", seconds=60)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=servers, client_id="kefu-bench", fetch_max_wait_ms=100)
        self.producer = AIOKafkaProducer(bootstrap_servers=servers, client_id="kefu-bench", linger_ms=0)
        self.said = Said()

    async def __aenter__(self) -> "Feed":
        await self._consumer.start()
        await self.producer.start()
        self._consumer.assign(
            [TopicPartition(self._prefix + name, at) for name in OUT for at in range(topics.PARTITIONS)]
        )
        await self.mark()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()
        await self.producer.stop()
        await self._publisher.close()

    async def mark(self) -> None:
        """Forgets what was said; from here on what is new counts."""
        places = self._consumer.assignment()
        for place, end in (await self._consumer.end_offsets(places)).items():
            self._consumer.seek(place, end)
        self.said = Said()

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Puts records on the contestant's topics, as fast as it goes."""
        await self._publisher.publish(
            [Outgoing(self._prefix + one.topic, one.partition, one.key, one.value, one.headers) for one in records]
        )

    async def contacts(self, contacts: Sequence[Contact]) -> float:
        """Publishes contacts as fast as it goes. Returns the moment before the first, as ``time.time``."""
        began = time.time()
        await self.publish(
            Outgoing(topics.CONTACT.name, partition_of(one.key), one.key, one.value, CONTACT_TYPE) for one in contacts
        )
        return began

    async def send(self, contact: Contact) -> "asyncio.Future[RecordMetadata]":
        """Publishes one contact like a channel would; the result has the time Kafka noted."""
        partition = partition_of(contact.key)
        name = self._prefix + topics.CONTACT.name
        sending: asyncio.Future[RecordMetadata] = await self.producer.send(
            name, contact.value, contact.key, partition, headers=list(CONTACT_TYPE)
        )
        return sending

    async def read(self) -> None:
        """Reads what there is now."""
        fetched = await self._consumer.getmany(timeout_ms=_POLL_MILLISECONDS)
        for records in fetched.values():
            for record in records:
                verb = _verb(record)
                self.said.records.append((verb, record))
                self.said.verbs[verb] += 1

    async def until(self, verb: str, count: int, *, seconds: float = 120.0) -> None:
        """Reads until so many of this verb were said since the mark."""
        deadline = time.monotonic() + seconds
        while self.said.verbs[verb] < count:
            if time.monotonic() > deadline:
                raise TookTooLongError(f"{count} {verb} within {seconds:.0f} s; said were {dict(self.said.verbs)}")
            await self.read()

    async def until_idle(self, groups: Sequence[str], *, seconds: float = 120.0) -> None:
        """Waits until these consumer groups have committed all that lies in their topics."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await admin.start()
        deadline = time.monotonic() + seconds
        try:
            while lag := sum([await self._lag(admin, group) for group in groups]):
                if time.monotonic() > deadline:
                    raise TookTooLongError(f"{lag} records still wait after {seconds:.0f} s")
                await asyncio.sleep(0.2)
        finally:
            await admin.close()

    async def _lag(self, admin: AIOKafkaAdminClient, group: str) -> int:
        committed = await admin.list_consumer_group_offsets(group)
        known = {place: offset.offset for place, offset in committed.items() if offset.offset >= 0}
        hop = group.rpartition("-")[2]
        places = [
            TopicPartition(self._prefix + topic.name, at) for topic in GROUPS[hop] for at in range(topics.PARTITIONS)
        ]
        ends = await self._consumer.end_offsets(places)
        return sum(max(0, end - known.get(place, 0)) for place, end in ends.items())

    def _places(self, names: Iterable[str]) -> list[TopicPartition]:
        return [TopicPartition(self._prefix + name, at) for name in names for at in range(topics.PARTITIONS)]


def _verb(record: ConsumerRecord) -> str:
    """``assigned`` of support.ticket.assigned.v1, ``notice.planned`` of support.notice.planned.v1."""
    for name, value in record.headers:
        if name == "ce_type":
            _, kind, verb, _ = value.decode().split(".")
            return str(verb if kind == "ticket" else f"{kind}.{verb}")
    return ""
