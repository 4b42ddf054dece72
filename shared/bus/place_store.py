"""The table of places: what is remembered of each partition, beside its fence."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import asyncpg
from aiokafka import TopicPartition

from shared.bus.places import Log, Place
from shared.database.connection import Connection

RECALL: Final = """
select topic, part, topic_id, log_start, log_end, generation, anew_to,
       extract(epoch from now() - level_at)::float8 as away
from place where (topic, part) in (select * from unnest($1::text[], $2::int[]))
"""

REMEMBER: Final = """
insert into place (topic, part, topic_id, log_start, log_end, generation, anew_to, level_at)
select topic, part, topic_id, log_start, log_end, generation, anew_to, now()
from unnest($1::text[], $2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    as p (topic, part, topic_id, log_start, log_end, generation, anew_to)
on conflict (topic, part) do update set topic_id = excluded.topic_id, log_start = excluded.log_start,
    log_end = excluded.log_end, generation = excluded.generation, anew_to = excluded.anew_to,
    level_at = case when place.generation = excluded.generation then place.level_at else now() end
"""

# Only by whoever owns the partition: one that was stopped and wakes up remembers what is no longer so.
NOTE: Final = """
update place as p set log_start = v.log_start, log_end = v.log_end,
    level_at = case when v.level then now() else p.level_at end
from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[])
    as v (topic, part, epoch, log_start, log_end, level)
join consumer_offset o on o.topic = v.topic and o.part = v.part and o.epoch = v.epoch
where p.topic = v.topic and p.part = v.part
"""

READ_ANEW: Final = "update place set anew_to = null where topic = $1 and part = $2 and generation = $3"


async def recall(connection: Connection, places: Iterable[TopicPartition]) -> dict[TopicPartition, Place]:
    """What is remembered of these partitions; nothing of those that were never claimed."""
    wanted = sorted(places)
    rows = await connection.fetch(RECALL, [place.topic for place in wanted], [place.partition for place in wanted])
    return {TopicPartition(row["topic"], row["part"]): _place(row) for row in rows}


async def remember(connection: Connection, places: Mapping[TopicPartition, Place]) -> None:
    """Remembers partitions just claimed, in the transaction of their claim."""
    ordered = sorted(places)
    logs = [places[place].log for place in ordered]
    await connection.execute(
        REMEMBER,
        [place.topic for place in ordered],
        [place.partition for place in ordered],
        [log.topic_id for log in logs],
        [log.start for log in logs],
        [log.end for log in logs],
        [places[place].generation for place in ordered],
        [places[place].anew_to for place in ordered],
    )


async def note(
    connection: Connection,
    logs: Mapping[TopicPartition, Log],
    epochs: Mapping[TopicPartition, int],
    level: Collection[TopicPartition],
) -> None:
    """Notes where logs begin and end now, and that those in ``level`` are read to their end."""
    ordered = sorted(logs)
    await connection.execute(
        NOTE,
        [place.topic for place in ordered],
        [place.partition for place in ordered],
        [epochs[place] for place in ordered],
        [logs[place].start for place in ordered],
        [logs[place].end for place in ordered],
        [place in level for place in ordered],
    )


async def done_anew(connection: Connection, place: TopicPartition, generation: int) -> None:
    """All of it was read anew, and what is no longer there forgotten."""
    await connection.execute(READ_ANEW, place.topic, place.partition, generation)


def _place(row: asyncpg.Record) -> Place:
    topic_id: uuid.UUID | None = row["topic_id"]
    log = Log(topic_id, row["log_start"], row["log_end"])
    return Place(log, max(0.0, row["away"]), row["generation"], row["anew_to"])
