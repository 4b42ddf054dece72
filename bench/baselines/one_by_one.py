"""Our handlers as typical service code calls them: ``python -m bench.baselines.one_by_one <service>``.

One message, one transaction: each record is read, handled alone in a transaction of its own, its events are published
and acknowledged one after the other when it is committed, then its offset is committed. Loops (matching, timers) take
one ticket a round. Nothing else of the bus: no outbox, no fence, no memory of what was seen.
"""

import asyncio
import contextlib
import dataclasses
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from bench.arena import ONE, database_url
from bench.baselines.readiness import answer_readyz
from services.intake.app import build_app as intake
from services.intake.settings import IntakeSettings
from services.notify.app import build_app as notify
from services.notify.settings import NotifySettings
from services.routing.app import build_app as routing
from services.routing.settings import RoutingSettings
from services.sla.app import build_app as sla
from services.sla.settings import SlaSettings
from shared.bus.faults import Faults
from shared.bus.outbox import Relay
from shared.bus.publisher import KafkaPublisher, Outgoing
from shared.bus.record import Batch, read
from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import NOBODY, GivenUp, UnitOfWork
from shared.contracts.services import GROUPS
from shared.database.pool import open_pool
from shared.runtime.service import Running, Service

SERVICES: Final[dict[str, Callable[[], Service]]] = {
    "intake": lambda: intake(IntakeSettings()),
    "routing": lambda: routing(RoutingSettings(match_tickets=1)),
    "sla": lambda: sla(SlaSettings()),
    "notify": lambda: notify(NotifySettings(carrier_url="http://127.0.0.1:9")),
}


class PlainWork(UnitOfWork):
    """What is said stays in memory until the transaction is committed."""

    @property
    def said(self) -> list[Outgoing]:
        """In order."""
        return self._outgoing


@dataclasses.dataclass(frozen=True, slots=True)
class PlainTransactions(Transactions):
    """Transactions that publish one event after the other when they are committed."""

    producer: AIOKafkaProducer

    @contextlib.asynccontextmanager
    async def begin(self, given_up: Mapping[str, GivenUp] = NOBODY) -> AsyncIterator[UnitOfWork]:
        """For loops and for single records alike."""
        async with self.pool.acquire() as connection, connection.transaction():
            work = PlainWork(self.service, connection, await connection.fetchval("select now()"))
            yield work
        work.committed()
        for one in work.said:
            await self.producer.send_and_wait(
                ONE.prefix + one.topic, one.value, one.key, one.partition, headers=list(one.headers)
            )


async def consume(service: Service, transactions: PlainTransactions, consumer: AIOKafkaConsumer) -> None:
    """One record after the other, for ever."""
    async for raw in consumer:
        record = read(_of_the_contract(raw))
        async with transactions.begin() as work:
            prepared = service.prepare(record, work.now) if service.prepare else None
            await service.handler(Batch((record,), (prepared,)), work)
        await consumer.commit({TopicPartition(raw.topic, raw.partition): raw.offset + 1})


async def main(name: str) -> None:
    """Runs one service with what the stack says in the environment."""
    service = SERVICES[name]()
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    url = database_url(os.environ["DATABASE_URL"], ONE.database)
    pool: asyncpg.Pool = await open_pool(url, schema=name, connections=6, application=f"one-{name}")
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all", linger_ms=0)
    await producer.start()
    publisher = KafkaPublisher(servers, client_id=f"one-{name}")
    faults = Faults("")
    transactions = PlainTransactions(name, pool, Relay(pool, publisher, faults), faults, producer)
    nothing: Any = None
    await service.on_start(Running(transactions, publisher, nothing, service.migrations))
    consumer = AIOKafkaConsumer(
        *(ONE.prefix + topic.name for topic in GROUPS[name]),
        bootstrap_servers=servers,
        group_id=ONE.group(name),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    await answer_readyz()
    loops = [asyncio.create_task(loop.run(transactions)) for loop in service.loops]
    await asyncio.gather(consume(service, transactions, consumer), *loops)


def _of_the_contract(raw: ConsumerRecord) -> ConsumerRecord:
    return dataclasses.replace(raw, topic=raw.topic.removeprefix(ONE.prefix))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
