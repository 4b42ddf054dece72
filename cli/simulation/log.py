"""The topics during a day and after it: the life of tickets as it happens, and all records since the day began."""

import contextlib
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition

from cli.errors import CommandError
from cli.kafka_log import follow, log_tail, read_to_end
from shared.bus.raw_batch import RawRecord
from shared.bus.tail import Tail
from shared.contracts import topics
from shared.contracts.envelope import Decoded, UndecodableError, decode
from shared.contracts.topics import Topic

READ_AFTERWARDS = (topics.CONTACT, topics.TICKET, topics.NOTICE)

Places = dict[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A record that could be read. ``at``: when it was written, seconds since 1970."""

    topic: str
    at: float
    offset: int
    decoded: Decoded
    headers: tuple[tuple[str, bytes | None], ...]


async def ends_of(servers: str, wanted: Iterable[Topic] = READ_AFTERWARDS) -> Places:
    """Where each partition of these topics ends now."""
    async with log_tail(servers) as tail:
        found = await tail.partitions([topic.name for topic in wanted])
        if missing := [topic.name for topic in wanted if topic.name not in found]:
            raise CommandError(f"there is no topic {', '.join(missing)}", hint="`make up` creates the topics.")
        return await tail.ends([place for of_topic in found.values() for place in of_topic])


async def lives(tail: Tail, starts: Places) -> AsyncGenerator[Seen, None]:
    """Every event of tickets from ``starts`` on, as it comes, without end."""
    mine = {place: offset for place, offset in starts.items() if place.topic == topics.TICKET.name}
    async with contextlib.aclosing(follow(tail, mine)) as records:
        async for record in records:
            if seen := _read(record):
                yield seen


async def everything(servers: str, starts: Places) -> list[Seen]:
    """All that was written since ``starts``, each partition in order. What cannot be read is with the dead letters."""
    async with log_tail(servers) as tail:
        return [seen async for record in read_to_end(tail, [*starts], starts=starts) if (seen := _read(record))]


def _read(record: RawRecord) -> Seen | None:
    try:
        decoded = decode(record.topic, record.headers, record.value, fallback_id=f"{record.partition}/{record.offset}")
    except UndecodableError:
        return None
    return Seen(record.topic, record.timestamp / 1000, record.offset, decoded, tuple(record.headers))
