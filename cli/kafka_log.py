"""Reading topics as they lie: no consumer group, nothing committed, from the beginning to the end of now or beyond."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from cli.errors import CommandError
from cli.scanning import ScanProgress
from shared.bus.connection import connection
from shared.contracts.topics import MAX_RECORD_BYTES

STALLED_SECONDS: Final = 15.0
_ANSWER_SECONDS: Final = 10.0
_POLL_MILLISECONDS: Final = 250


# What it would tell are its own retries; what fails in the end is said in our words.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


@contextlib.asynccontextmanager
async def kafka_answers(servers: str) -> AsyncIterator[None]:
    """Turns the failures of Kafka into a sentence with what to do."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        silent = isinstance(error, KafkaConnectionError | OSError | TimeoutError)
        found = f": {error}" if "nothing came" in str(error) else ""
        told = f" does not answer{found}" if silent else f" does not answer as it should: {_in_words(error)}"
        raise CommandError(
            f"Kafka at {servers}{told}", hint="Look at `make status`, or at KAFKA_BOOTSTRAP_SERVERS."
        ) from error


def _in_words(error: Exception) -> str:
    name, told = type(error).__name__, str(error)
    return told if told.startswith(name) else f"{name}: {told}"


@contextlib.asynccontextmanager
async def admin_client(servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected admin client."""
    admin = AIOKafkaAdminClient(**connection(servers))
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await admin.start()
        yield admin
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def log_reader(servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A connected consumer without a group."""
    consumer = AIOKafkaConsumer(
        **connection(servers, client_id="kefu-cli"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=2 * MAX_RECORD_BYTES,
    )
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def partitions_of(servers: str, topics: Sequence[str]) -> dict[str, list[TopicPartition]]:
    """The partitions of the topics that exist; a missing topic is left out."""
    async with admin_client(servers) as admin:
        found = await admin.describe_topics(list(topics))
    return {
        topic["topic"]: sorted(TopicPartition(topic["topic"], one["partition"]) for one in topic["partitions"])
        for topic in found
        if topic["error_code"] == 0
    }


async def read_to_end(
    consumer: AIOKafkaConsumer,
    places: Iterable[TopicPartition],
    *,
    starts: Mapping[TopicPartition, int] | None = None,
    progress: ScanProgress | None = None,
) -> AsyncIterator[ConsumerRecord]:
    """Every record up to the end as it is now, each partition in order. ``starts``: offsets to begin at."""
    wanted = list(places)
    ends = await consumer.end_offsets(wanted)
    begins = await consumer.beginning_offsets(wanted)
    begins |= {place: max(offset, begins[place]) for place, offset in (starts or {}).items()}
    left = {place: ends[place] for place in wanted if begins[place] < ends[place]}
    if progress:
        progress.begin(sum(end - begins[place] for place, end in left.items()))
    consumer.assign(list(left))
    for place in left:
        consumer.seek(place, begins[place])
    progressed = asyncio.get_running_loop().time()
    while left:
        fetched = await consumer.getmany(timeout_ms=_POLL_MILLISECONDS)
        for place, records in fetched.items():
            if progress:
                progress.advance(len(records))
            for record in records:
                if record.offset < ends[place]:
                    yield record
        for place in list(left):
            # The position also passes what is no record: gaps of compaction, markers of transactions.
            if await consumer.position(place) >= left[place]:
                del left[place]
                consumer.pause(place)
        now = asyncio.get_running_loop().time()
        if fetched:
            progressed = now
        elif now - progressed > STALLED_SECONDS:
            raise TimeoutError(f"nothing came for {STALLED_SECONDS:.0f} s with {len(left)} partitions unread")


async def follow(
    consumer: AIOKafkaConsumer, places: Iterable[TopicPartition], *, from_beginning: bool = False
) -> AsyncGenerator[ConsumerRecord, None]:
    """Every record from now on (or from the beginning), as it comes, without end."""
    wanted = list(places)
    consumer.assign(wanted)
    starts = await (consumer.beginning_offsets(wanted) if from_beginning else consumer.end_offsets(wanted))
    for place, offset in starts.items():
        consumer.seek(place, offset)
    while True:
        for records in (await consumer.getmany(timeout_ms=_POLL_MILLISECONDS)).values():
            for record in records:
                yield record
