"""The topics during a day and after it: the life of tickets as it happens, and all records since the day began."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from cli.errors import CommandError
from cli.kafka_log import log_reader, partitions_of, read_to_end
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
    found = await partitions_of(servers, [topic.name for topic in wanted])
    if missing := [topic.name for topic in wanted if topic.name not in found]:
        raise CommandError(f"there is no topic {', '.join(missing)}", hint="`make up` creates the topics.")
    places = [place for of_topic in found.values() for place in of_topic]
    async with log_reader(servers) as consumer:
        ends: Places = await consumer.end_offsets(places)
    return ends


async def lives(consumer: AIOKafkaConsumer, starts: Places) -> AsyncGenerator[Seen, None]:
    """Every event of tickets from ``starts`` on, as it comes, without end."""
    mine = {place: offset for place, offset in starts.items() if place.topic == topics.TICKET.name}
    consumer.assign(list(mine))
    for place, offset in mine.items():
        consumer.seek(place, offset)
    while True:
        for records in (await consumer.getmany(timeout_ms=250)).values():
            for record in records:
                if seen := _read(record):
                    yield seen


async def everything(servers: str, starts: Places) -> list[Seen]:
    """All that was written since ``starts``, each partition in order. What cannot be read is with the dead letters."""
    async with log_reader(servers) as consumer:
        return [seen async for record in read_to_end(consumer, starts, starts=starts) if (seen := _read(record))]


def _read(record: ConsumerRecord) -> Seen | None:
    try:
        decoded = decode(record.topic, record.headers, record.value, fallback_id=f"{record.partition}/{record.offset}")
    except UndecodableError:
        return None
    return Seen(record.topic, record.timestamp / 1000, record.offset, decoded, tuple(record.headers))
