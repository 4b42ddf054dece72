"""A bare aiokafka and asyncpg loop that does what ours did, deciding nothing: ``python -m … <hop>``.

The same
- processes: one for each hop, with the same topics, partitions, batches of at most 500, fetch sizes and producer;
- reads and writes: the very statements of our services, in bulk, in the order ours takes, in one transaction a batch,
  with the same rows, among them the locks and the row of the offset; routing's matching in rounds of 500, woken by
  each batch, as ours;
- publications: the same keys, headers and bytes, a record batch for each partition, acknowledged by all replicas;
- JSON: each record that means something to the hop is parsed, the others are passed over by their type, as in ours, and
  each event is written, with the standard library, as any code would.

Left out
- everything that decides: understanding, validation, recognising people, threading, calendars, matching, planning;
- encryption and the blind indexes of addresses: the recorded ones are written;
- our safety: it commits the transaction, then publishes from memory, then commits offsets. There is no outbox, no
  fence, no memory of what was seen. Dying between the steps loses events or says them twice.

What it writes and says is read from a recording of ours, see ``recording.py``.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from bench.arena import BARE, RECORDING, database_url
from bench.baselines.hops import HOPS, Hop, match_round
from bench.baselines.readiness import answer_readyz
from bench.baselines.recording import Recording, Spoken
from services.notify import subscribers as notify
from services.routing import subscribers as routing
from services.sla import subscribers as sla
from shared.bus.publisher import KafkaPublisher, Outgoing, partition_of
from shared.bus.record import types_not_subscribed_to
from shared.contracts import topics
from shared.contracts.services import GROUPS
from shared.database.pool import open_pool

MOST_RECORDS: Final = 500
"""As many as ours takes."""

SAVE_OFFSETS: Final = """
insert into consumer_offset as o (topic, part, next_off, epoch, owner)
select topic, part, next_off, 1, 'bare' from unnest($1::text[], $2::int[], $3::bigint[]) as v (topic, part, next_off)
on conflict (topic, part) do update set next_off = excluded.next_off, changed_at = now()
"""


UNHEARD: Final = {
    hop: {name.decode().split(".")[-2] for name in types_not_subscribed_to(subscribes_to)}
    for hop, subscribes_to in {
        "intake": (),
        "sla": sla.SUBSCRIBED_EVENTS,
        "routing": routing.SUBSCRIBED_EVENTS,
        "notify": notify.SUBSCRIBED_EVENTS,
    }.items()
}
"""The verbs each hop passes over."""


class BareLoop:
    """One hop."""

    def __init__(self, hop: str, servers: str, pool: asyncpg.Pool, recording: Recording) -> None:
        self._hop: Hop = HOPS[hop](recording)
        self._recording = recording
        self._matches = hop == "routing"
        self._ignored_types = UNHEARD[hop]
        self._pool = pool
        self._publisher = KafkaPublisher(servers, client_id=f"bare-{hop}")
        self._wake = asyncio.Event()
        self._consumer = AIOKafkaConsumer(
            *(BARE.prefix + topic.name for topic in GROUPS[hop]),
            bootstrap_servers=servers,
            group_id=BARE.group(hop),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=topics.MAX_RECORD_BYTES,
        )

    async def run(self) -> None:
        """Until it is killed."""
        await self._consumer.start()
        await answer_readyz()
        matching = asyncio.create_task(self._match()) if self._matches else None
        while True:
            fetched = await self._consumer.getmany(timeout_ms=10, max_records=MOST_RECORDS)
            records = [record for one in fetched.values() for record in one]
            if records:
                await self._batch(records)
                self._wake.set()
            if matching is not None and matching.done():
                matching.result()

    async def _batch(self, records: Sequence[ConsumerRecord]) -> None:
        ends = {(record.topic, record.partition): record.offset + 1 for record in records}
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                SAVE_OFFSETS, [topic for topic, _ in ends], [part for _, part in ends], list(ends.values())
            )
            verbs = [(_verb(record), record.value) for record in records if record.value]
            heard = [(verb, json.loads(value)) for verb, value in verbs if verb not in self._ignored_types]
            said = await self._hop(connection, heard)
        await self._publish(said)
        await self._consumer.commit()

    async def _match(self) -> None:
        while True:
            full = False
            async with self._pool.acquire() as connection, connection.transaction():
                said, full = await match_round(connection, self._recording, MOST_RECORDS)
            await self._publish(said)
            if not full:
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), 0.2)

    async def _publish(self, said: Iterable[Spoken]) -> None:
        outgoing = [_outgoing(one) for one in said]
        if outgoing:
            await self._publisher.publish(outgoing)


def _verb(record: ConsumerRecord) -> str:
    return next((value.decode().split(".")[-2] for name, value in record.headers if name == "ce_type"), "")


def _outgoing(one: Spoken) -> Outgoing:
    name = next(value.decode() for name, value in one.headers if name == "ce_type" and value)
    topic = topics.TICKET.name if name.startswith("support.ticket.") else topics.NOTICE.name
    value = json.dumps(one.value, ensure_ascii=False, separators=(",", ":")).encode()
    return Outgoing(BARE.prefix + topic, partition_of(one.key), one.key, value, one.headers)


async def main(hop: str) -> None:
    """Runs one hop with what the stack says in the environment."""
    environment: dict[str, Any] = dict(os.environ)
    url = database_url(environment["DATABASE_URL"], BARE.database)
    pool = await open_pool(url, schema=hop, connections=6, application=f"bare-{hop}")
    recording = Recording.load(Path(environment[RECORDING]))
    await BareLoop(hop, environment["KAFKA_BOOTSTRAP_SERVERS"], pool, recording).run()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
