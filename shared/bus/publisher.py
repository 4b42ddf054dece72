"""Publishing: one record batch per partition, acknowledged by all replicas, with a producer that can be rebuilt."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.bus.connection import connection
from shared.bus.header_names import AnyNames
from shared.bus.murmur2 import murmur2
from shared.contracts import topics

MAX_REQUEST_BYTES = 2 * topics.MAX_RECORD_BYTES
MAX_BATCH_BYTES = 512 * 1024
MAX_EVENT_BYTES = topics.MAX_VALUE_BYTES


def partition_of(key: bytes) -> int:
    """The partition of a key: murmur2, where any Java client would put it."""
    return (murmur2(key) & 0x7FFFFFFF) % topics.PARTITIONS


def beside(partition: int) -> int:
    """The partition of a topic of ours that belongs to this one of another topic: somebody may have given that more
    than the contract says."""
    return partition % topics.PARTITIONS


class TopicMissingError(UnknownTopicOrPartitionError):  # type: ignore[misc]
    """The topic does not exist; nothing was sent. ``python -m shared.bus.topics`` makes what is missing."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record on its way out. ``sequenced``: an event of ours, which gets its outbox id as ``ce_sequence``."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    sequenced: bool = False


class Publisher(Protocol):
    """Puts records on the bus."""

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Returns once all are acknowledged; raises if any is not. Order is kept within a partition."""

    async def close(self) -> None:
        """Lets go of the connection."""


class KafkaPublisher:
    """An idempotent producer. After any failure it is thrown away and built anew.

    An idempotent aiokafka producer does not recover from a rejected batch: it never rolls its sequence numbers back,
    and the broker answers OUT_OF_ORDER from then on (aiokafka issue 1017). The outbox publishes again.
    """

    def __init__(self, servers: str, *, client_id: str, seconds: float = 10.0) -> None:
        self._servers = servers
        self._client_id = client_id
        self._seconds = seconds
        self._producer: AIOKafkaProducer | None = None
        self._building = asyncio.Lock()

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """See Publisher. Gives up after the deadline and forgets the producer."""
        producer: AIOKafkaProducer | None = None
        try:
            async with asyncio.timeout(self._seconds):
                producer = await self._ready()
                await _look_for(producer, {record.topic for record in records})
                await _send(producer, records)
        except TopicMissingError:
            raise
        except BaseException:
            if producer is not None:
                await self._discard(producer)
            raise

    async def close(self) -> None:
        """Flushes and closes, or gives up after a second."""
        if self._producer is not None:
            await self._discard(self._producer)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._building:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **connection(self._servers, client_id=self._client_id),
                    enable_idempotence=True,
                    acks="all",
                    linger_ms=0,
                    max_batch_size=MAX_BATCH_BYTES,
                    max_request_size=MAX_REQUEST_BYTES,
                )
                try:
                    await producer.start()
                except BaseException:
                    await _abandon(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await asyncio.shield(_abandon(producer))


async def _look_for(producer: AIOKafkaProducer, names: set[str]) -> None:
    """aiokafka would ask for a missing topic again and again, and what is said to others would wait with it."""
    client = producer.client
    for name in sorted(names):
        if client.cluster.partitions_for_topic(name) is None:
            client.add_topic(name)
            await client.force_metadata_update()
            if client.cluster.partitions_for_topic(name) is None:
                raise TopicMissingError(f"{name} does not exist; python -m shared.bus.topics makes it")


async def _send(producer: AIOKafkaProducer, records: Sequence[Outgoing]) -> None:
    lanes: dict[TopicPartition, list[Outgoing]] = {}
    for record in records:
        lanes.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
    acknowledgements = []
    for place, lane in lanes.items():
        try:
            batches = _packed(lane, producer.create_batch)
        except UnicodeEncodeError:  # a record of a stranger that is put back
            batches = _packed(lane, lambda: AnyNames(MAX_BATCH_BYTES))
        acknowledgements += [await producer.send_batch(one, place.topic, partition=place.partition) for one in batches]
    await asyncio.gather(*acknowledgements)


def _packed(lane: Sequence[Outgoing], empty: Callable[[], BatchBuilder]) -> list[BatchBuilder]:
    batches = [empty()]
    for record in lane:
        if not _append(batches[-1], record):
            batches.append(empty())
            _append(batches[-1], record)
    return batches


def _append(batch: Any, record: Outgoing) -> bool:
    added: object = batch.append(key=record.key, value=record.value, timestamp=None, headers=list(record.headers))
    return added is not None


async def _abandon(producer: AIOKafkaProducer) -> None:
    with contextlib.suppress(Exception):
        try:
            async with asyncio.timeout(1.0):
                await producer.stop()
        except TimeoutError:  # it would flush for as long as the broker is away; the outbox holds everything
            await producer._sender.close()
            await producer.client.close()
