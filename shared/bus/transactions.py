"""What a service's work stands on, and what it gives the bus: a handler of batches."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

import asyncpg
import structlog

from shared.bus import faults
from shared.bus.outbox import Relay
from shared.bus.record import Batch
from shared.bus.unit_of_work import NOBODY, GivenUp, UnitOfWork
from shared.database.now import database_now
from shared.failures import READ_ONLY, for_log, is_transient, state_of
from shared.telemetry import metrics

Handler = Callable[[Batch, UnitOfWork], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Transactions:
    """Opens the units of work of one service."""

    service: str
    pool: asyncpg.Pool
    relay: Relay
    faults: faults.Faults

    async def leave_if_read_only(self, error: BaseException) -> None:
        """After a failure: sessions of a server that takes no changes are not used again; another one may by now."""
        if state_of(error) == READ_ONLY:
            await self.pool.expire_connections()

    @contextlib.asynccontextmanager
    async def begin(self, given_up: Mapping[str, GivenUp] = NOBODY) -> AsyncIterator[UnitOfWork]:
        """A unit of work without a batch, for timers and HTTP: commits, then publishes what it said.

        When Kafka is away the commit stands and the sweep publishes later. ``given_up``: of an earlier try.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            work = UnitOfWork(self.service, connection, await database_now(connection), given_up)
            yield work
            lanes = await work.flush()
        work.committed()
        try:
            metrics.PUBLISHED.inc(await self.relay.publish(lanes))
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("outbox.later", error=for_log(error))
