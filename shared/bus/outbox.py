"""The outbox: what a transaction wants said, published after it in the order in which it was written.

A *lane* is one partition of one topic. Whoever publishes a lane holds its lock and takes its rows by id, so that an
event of a ticket never overtakes an earlier one, whichever process, timer or batch wrote either.
Rows are deleted in the transaction that held the lock while Kafka acknowledged: dying in between publishes them again
with the same ids, which the readers recognise.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg

from shared.bus.faults import AFTER_PUBLISH, AFTER_RELAY, Faults
from shared.bus.publisher import Outgoing, Publisher
from shared.database.connection import Connection

# Not synced: what is deleted under these locks is acknowledged by Kafka. Should a crash of the server bring it back, it
# is said again.
LOCK: Final = """
select set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(lane.namespace, lane.id)
from (select hashtext(current_schema()) as namespace, unnest($1::int[]) as id) lane
"""

TRY_LOCK: Final = """
select set_config('synchronous_commit', 'off', true), id
from (select hashtext(current_schema()) as namespace, unnest($1::int[]) as id) lane
where pg_try_advisory_xact_lock(lane.namespace, lane.id)
"""

TAKE: Final = """
delete from outbox where (lane, id) in
    (select lane, id from outbox where lane = any($1::int[]) order by id limit $2)
returning id, topic, part, key, value, header_names, header_values, sequenced
"""

WAITING: Final = "select distinct lane from outbox where created_at < now() - interval '1 second' order by lane"

OLDEST: Final = "select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as age from outbox"

COLUMNS: Final = ("lane", "topic", "part", "key", "value", "header_names", "header_values", "sequenced")
CHUNK: Final = 2000


def outbox_lane(topic: str, partition: int) -> int:
    """The number of a lane: a signed 32-bit integer, equal in every process."""
    return zlib.crc32(f"{topic}/{partition}".encode()) - (1 << 31)


async def write(connection: Connection, records: Sequence[Outgoing]) -> None:
    """Adds records to the outbox, inside the caller's transaction and in this order."""
    if not records:
        return
    await connection.copy_records_to_table(
        "outbox",
        columns=COLUMNS,
        records=[
            (
                outbox_lane(record.topic, record.partition),
                record.topic,
                record.partition,
                record.key,
                record.value,
                [name for name, _ in record.headers],
                [value for _, value in record.headers],
                record.sequenced,
            )
            for record in records
        ],
    )


class Relay:
    """Publishes lanes of the outbox."""

    def __init__(self, pool: asyncpg.Pool, publisher: Publisher, faults: Faults) -> None:
        self._pool = pool
        self._publisher = publisher
        self._faults = faults

    async def publish(self, lanes: Iterable[int]) -> int:
        """Publishes all that waits in these lanes, waiting for whoever is publishing them now. Returns how many."""
        return await self._publish(sorted(set(lanes)), LOCK)

    async def sweep(self) -> int:
        """Publishes what a dead process left behind, except in lanes somebody else is publishing. Returns how many.

        Lane by lane, so that one that cannot be published holds up no other; its error is raised in the end.
        """
        total, failure = 0, None
        for row in await self._pool.fetch(WAITING):
            try:
                total += await self._publish([row["lane"]], TRY_LOCK)
            except Exception as error:
                failure = error
        if failure is not None:
            raise failure
        return total

    async def oldest_seconds(self) -> float:
        """How long the oldest record has been waiting; 0 when none does."""
        return float(await self._pool.fetchval(OLDEST))

    async def _publish(self, lanes: list[int], lock: str) -> int:
        total = 0
        while lanes:
            async with self._pool.acquire() as connection, connection.transaction():
                locked = await connection.fetch(lock, lanes)
                if lock is TRY_LOCK:
                    lanes = [row["id"] for row in locked]
                rows = await connection.fetch(TAKE, lanes, CHUNK)
                if rows:
                    rows.sort(key=lambda row: row["id"])
                    await self._publisher.publish([_outgoing(row) for row in rows])
                    self._faults.at(AFTER_PUBLISH)
            total += len(rows)
            if len(rows) < CHUNK:
                break
        if total:
            self._faults.at(AFTER_RELAY)
        return total


def _outgoing(row: asyncpg.Record) -> Outgoing:
    headers = tuple(zip(row["header_names"], row["header_values"], strict=True))
    if row["sequenced"]:
        headers = (*headers, ("ce_sequence", str(row["id"]).encode()))
    return Outgoing(row["topic"], row["part"], row["key"], row["value"], headers, row["sequenced"])
