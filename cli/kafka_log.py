"""Reading topics for people: what cannot be read is told and passed over, and failures are sentences."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Final

import structlog
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from cli.errors import CommandError
from cli.output import say, visible
from cli.scanning import ScanProgress
from shared.bus.connection import connection
from shared.bus.raw_batch import RawRecord
from shared.bus.reading import UnusableBatch
from shared.bus.tail import CONNECT_SECONDS, StalledError, Tail, tail_of

_CLIENT_ID: Final = "kefu-cli"
_TOLD_ONE_BY_ONE: Final = 3
_PROGRESS_EVERY: Final = 100


@contextlib.asynccontextmanager
async def kafka_answers(servers: str) -> AsyncIterator[None]:
    """Turns the failures of Kafka into a sentence with what to do."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        silent = isinstance(error, KafkaConnectionError | OSError | TimeoutError)
        found = f": {error}" if isinstance(error, StalledError) else ""
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
    _hush()
    admin = AIOKafkaAdminClient(**connection(servers))
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await admin.start()
        yield admin
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def log_tail(servers: str) -> AsyncIterator[Tail]:
    """A connected reader of topics, without a group."""
    _hush()
    async with tail_of(servers, client_id=_CLIENT_ID) as tail:
        yield tail


async def read_to_end(
    tail: Tail,
    places: Sequence[TopicPartition],
    *,
    starts: Mapping[TopicPartition, int] | None = None,
    progress: ScanProgress | None = None,
) -> AsyncIterator[RawRecord]:
    """Every record up to the end as it is now, each partition in order. ``starts``: offsets to begin at.

    What cannot be read is passed over, and told at the end.
    """
    ends, begins = await tail.ends(places), await tail.begins(places)
    begins |= {place: max(offset, begins[place]) for place, offset in (starts or {}).items()}
    if progress:
        progress.begin(sum(max(0, ends[place] - begins[place]) for place in places))
    passed: list[UnusableBatch] = []
    count = 0
    async with contextlib.aclosing(tail.read(begins, ends)) as found_ones:
        async for found in found_ones:
            count += 1
            if progress and not count % _PROGRESS_EVERY:
                progress.advance(_PROGRESS_EVERY)
            if isinstance(found, UnusableBatch):
                passed.append(found)
            else:
                yield found
    _tell(passed)


async def follow(tail: Tail, starts: Mapping[TopicPartition, int]) -> AsyncGenerator[RawRecord, None]:
    """Every record from ``starts`` on, as it comes, without end. What cannot be read is told as it comes."""
    async with contextlib.aclosing(tail.follow(starts)) as found_ones:
        async for found in found_ones:
            if isinstance(found, UnusableBatch):
                _tell([found])
            else:
                yield found


def _tell(passed: Sequence[UnusableBatch]) -> None:
    for batch in passed[:_TOLD_ONE_BY_ONE]:
        place = f"{batch.place.topic}[{batch.place.partition}]@{batch.begin}"
        say(f"{place} cannot be read, and was passed over: {batch.reason}: {visible(batch.message)}")
    if (more := len(passed) - _TOLD_ONE_BY_ONE) > 0:
        say(f"Nor could {more:,} more be read.")


def _hush() -> None:
    """What libraries and the bus would tell are their own retries; what fails in the end is said in our words."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
