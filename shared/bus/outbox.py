"""The outbox: what a transaction wants said, published after it in the order in which it was written.

A *lane* is one partition of one topic. Whoever publishes a lane holds its lock and takes its rows by id, so that an
event of a ticket never overtakes an earlier one, whichever process, timer or batch wrote either.
Rows are deleted in the transaction that held the lock while Kafka acknowledged: dying in between publishes them again
with the same ids, which the readers recognise.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg
import structlog

from shared.bus.faults import AFTER_PUBLISH, AFTER_RELAY, Faults
from shared.bus.publisher import Outgoing, Publisher
from shared.contracts.envelope import envelope_of
from shared.contracts.services import DEAD_LETTERS
from shared.contracts.topics import PARTITIONS
from shared.database.connection import Connection
from shared.failures import for_log, is_transient
from shared.security.tags import TAG, EventTags

log = structlog.get_logger()

# The table is empty at most times and full after an outage, and statistics and kept plans know one of both at best. So
# the way to the rows is not left to them: by the key, which costs what is taken and not what is there.
BY_KEY: Final = "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"

# Not synced: what is deleted under these locks is acknowledged by Kafka. Should a crash of the server bring it back, it
# is said again.
LOCK: Final = f"""
select set_config('synchronous_commit', 'off', true), {BY_KEY}, pg_advisory_xact_lock(lane.namespace, lane.id)
from (select hashtext(current_schema()) as namespace, unnest($1::int[]) as id) lane
"""

TRY_LOCK: Final = f"""
select set_config('synchronous_commit', 'off', true), {BY_KEY}, id
from (select hashtext(current_schema()) as namespace, unnest($1::int[]) as id) lane
where pg_try_advisory_xact_lock(lane.namespace, lane.id)
"""

TAKE: Final = """
delete from outbox where ctid = any(array(
    select first.place from unnest($1::int[]) as wanted (lane)
    cross join lateral (select ctid as place from outbox where lane = wanted.lane order by id limit $2) as first
))
returning lane, id, topic, part, key, value, header_names, header_values, sequenced
"""

PLAN_BY_KEY: Final = f"select {BY_KEY}"

# From lane to lane along the key, the first row of each: it is the oldest one there, but for what two transactions
# that ran at the same time may differ.
LANES: Final = """
with recursive first as (
    (select lane, created_at from outbox order by lane, id limit 1)
    union all
    select next.lane, next.created_at from first cross join lateral (
        select lane, created_at from outbox where outbox.lane > first.lane order by lane, id limit 1
    ) as next
)
select lane, extract(epoch from now() - created_at)::float8 as age from first
"""

COLUMNS: Final = ("lane", "topic", "part", "key", "value", "header_names", "header_values", "sequenced")
CHUNK: Final = 2000
OVERDUE_SECONDS: Final = 1.0
"""What has waited for so long, whoever wrote it does not publish any more."""


def outbox_lane(topic: str, partition: int) -> int:
    """The number of a lane: a signed 32-bit integer, equal in every process."""
    return zlib.crc32(f"{topic}/{partition}".encode()) - (1 << 31)


LETTERS: Final = frozenset(outbox_lane(topic, part) for topic in DEAD_LETTERS for part in range(PARTITIONS))
"""The lanes of dead letters."""


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
    """Publishes lanes of the outbox; numbers and tags our events as it does."""

    def __init__(self, pool: asyncpg.Pool, publisher: Publisher, faults: Faults, tags: EventTags | None = None) -> None:
        self._pool = pool
        self._publisher = publisher
        self._faults = faults
        self._tags = tags

    async def publish(self, lanes: Iterable[int]) -> int:
        """Publishes all that waits in these lanes, waiting for whoever is publishing them now. Returns how many.

        Nobody waits for dead letters: when their topics are gone the sweep says them, once somebody made them again.
        """
        lanes = set(lanes)
        total = await self._publish(sorted(lanes - LETTERS), LOCK)
        try:
            total += await self._publish(sorted(lanes & LETTERS), TRY_LOCK)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("outbox.letters_later", error=for_log(error))
        return total

    async def sweep(self) -> int:
        """Publishes what a dead process left behind, except in lanes somebody else is publishing. Returns how many.

        Lane by lane, so that one that cannot be published holds up no other; its error is raised in the end.
        """
        total, failure = 0, None
        for lane, seconds in (await self._waiting()).items():
            if seconds < OVERDUE_SECONDS:
                continue
            try:
                total += await self._publish([lane], TRY_LOCK)
            except Exception as error:
                failure = error
        if failure is not None:
            raise failure
        return total

    async def oldest_seconds(self) -> float:
        """How long the oldest record has been waiting; 0 when none does."""
        return max((await self._waiting()).values(), default=0.0)

    async def _waiting(self) -> dict[int, float]:
        """The lanes in which records wait, and for how many seconds the first of each has."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute(PLAN_BY_KEY)
            return {row["lane"]: row["age"] for row in await connection.fetch(LANES)}

    async def _publish(self, lanes: list[int], lock: str) -> int:
        total = 0
        while lanes:
            async with self._pool.acquire() as connection, connection.transaction():
                locked = await connection.fetch(lock, lanes)
                if lock is TRY_LOCK:
                    lanes = [row["id"] for row in locked]
                share = max(1, CHUNK // max(1, len(lanes)))
                rows = await connection.fetch(TAKE, lanes, share)
                if rows:
                    rows.sort(key=lambda row: row["id"])
                    await self._publisher.publish([self._outgoing(row) for row in rows])
                    self._faults.at(AFTER_PUBLISH)
            total += len(rows)
            taken = Counter(row["lane"] for row in rows)
            lanes = [lane for lane in lanes if taken[lane] == share]
        if total:
            self._faults.at(AFTER_RELAY)
        return total

    def _outgoing(self, row: asyncpg.Record) -> Outgoing:
        headers = tuple(zip(row["header_names"], row["header_values"], strict=True))
        if row["sequenced"]:
            headers = (*headers, ("ce_sequence", str(row["id"]).encode()))
            if self._tags is not None:
                tag = self._tags.tag(row["topic"], row["key"], row["value"], envelope_of(headers))
                headers = (*headers, (TAG, tag))
        return Outgoing(row["topic"], row["part"], row["key"], row["value"], headers, row["sequenced"])
