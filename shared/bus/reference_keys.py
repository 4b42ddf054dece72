"""The keys of reference data that are known, and when each was last heard: to forget what is gone without a word.

A tombstone says that a member, an order or an agent is gone. It lives for a while and is then removed itself; and a
topic made anew has none. So after all of a partition was read anew, whatever was known of it and not heard in that
reading is taken for deleted, and the service is handed the tombstone it never got.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka import TopicPartition

from shared.bus.publisher import partition_of
from shared.bus.record import COMPACTED, Record
from shared.database.connection import Connection

SUBSCRIBED_EVENTS: Final = """
insert into reference_key as k (topic, key, part, generation)
select * from unnest($1::text[], $2::bytea[], $3::int[], $4::bigint[])
on conflict (topic, key) do update set part = excluded.part, generation = excluded.generation
where (k.part, k.generation) is distinct from (excluded.part, excluded.generation)
"""

GONE: Final = """
delete from reference_key where (topic, key) in (select * from unnest($1::text[], $2::bytea[]))
"""

UNHEARD: Final = "select key from reference_key where topic = $1 and part = $2 and generation < $3 limit $4"

UNHEARD_PAGE: Final = """
select key from reference_key where topic = $1 and part = $2 and generation < $3 and key > $4 order by key limit $5
"""

# Known from before keys were kept: of no partition yet.
OF_NO_PARTITION: Final = -1
NOWHERE: Final = -1


async def keep_heard(
    connection: Connection, records: Sequence[Record], generations: Mapping[TopicPartition, int]
) -> None:
    """Notes the keys that records of compacted topics name; those of tombstones are known no more."""
    last = {(one.topic, one.key): one for one in records if one.topic in COMPACTED and one.key is not None}
    gone = sorted(name for name, one in last.items() if one.value is None)
    heard = sorted(name for name, one in last.items() if one.value is not None)
    if gone:
        await connection.execute(GONE, [topic for topic, _ in gone], [key for _, key in gone])
    if heard:
        await connection.execute(
            SUBSCRIBED_EVENTS,
            [topic for topic, _ in heard],
            [key for _, key in heard],
            [last[name].partition for name in heard],
            [generations.get(last[name].place, 0) for name in heard],
        )


async def not_read_anew(connection: Connection, place: TopicPartition, generation: int, most: int) -> list[bytes]:
    """Keys of this partition that its latest reading did not bring."""
    found = await connection.fetch(UNHEARD, place.topic, place.partition, generation, most)
    keys = [row["key"] for row in found]
    if len(keys) == most:
        return keys
    return keys + await _unheard_of_no_partition(connection, place, generation, most - len(keys))


async def _unheard_of_no_partition(
    connection: Connection, place: TopicPartition, generation: int, most: int
) -> list[bytes]:
    keys: list[bytes] = []
    after, page = b"", 10_000
    while len(keys) < most:
        rows = await connection.fetch(UNHEARD_PAGE, place.topic, OF_NO_PARTITION, generation, after, page)
        keys += [row["key"] for row in rows if partition_of(row["key"]) == place.partition]
        if len(rows) < page:
            break
        after = rows[-1]["key"]
    return keys[:most]


def tombstone(place: TopicPartition, key: bytes) -> Record:
    """The record that would have said that this key is gone."""
    return Record(place.topic, place.partition, NOWHERE, key, None, (), 0, None, None, None)
