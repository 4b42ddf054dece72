"""The batch: fence, state and outbox in one PostgreSQL transaction, then publish. The heart of every service.

    fetch -> prepare -> fence -> handle -> outbox -> COMMIT -> publish
                        `----- one transaction ----'

Dying anywhere loses and doubles nothing: before the commit nothing happened and the records are read again; after it
the outbox holds what is left to say, and whoever next publishes to that lane, or the sweep, says it first.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from aiokafka import TopicPartition

from shared.bus import faults
from shared.bus.dead_letters import DeadLetterLimit
from shared.bus.failures import FenceLostError, HaltedError, backoff_seconds, describe, for_log, is_transient
from shared.bus.fence import Fence
from shared.bus.outbox import Relay
from shared.bus.preparing import Preparation, Prepare
from shared.bus.record import COMPACTED, Batch, Record
from shared.bus.reference_keys import keep_heard, tombstone
from shared.bus.seen import drop_repeated
from shared.bus.work import Work
from shared.database.now import DatabaseClock, database_now
from shared.settings import BusSettings
from shared.telemetry import metrics

Handler = Callable[[Batch, Work], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ground:
    """What every transaction stands on."""

    service: str
    pool: asyncpg.Pool
    relay: Relay
    faults: faults.Faults

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Work]:
        """A unit of work without a batch, for timers and HTTP: commits, then publishes what it said.

        When Kafka is away the commit stands and the sweep publishes later.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            work = Work(self.service, connection, await database_now(connection))
            yield work
            lanes = await work.flush()
        work.committed()
        try:
            metrics.PUBLISHED.inc(await self.relay.publish(lanes))
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("outbox.later", error=for_log(error))


class GiveUpForNow(Exception):  # noqa: N818 - it is not an error: the records are fetched again
    """The batch could not be done within its patience. Nothing happened; it has to be fetched again."""


class BatchProcessor:
    """Turns records into effects, exactly once. Knows nothing of where records come from."""

    def __init__(
        self,
        ground: Ground,
        fence: Fence,
        handler: Handler,
        settings: BusSettings,
        prepare: Prepare[Any] | None = None,
    ) -> None:
        self._ground = ground
        self._fence = fence
        self._handler = handler
        self._settings = settings
        self._preparation = Preparation(prepare)
        self._clock = DatabaseClock()
        self._limit = DeadLetterLimit(settings.dead_letter_limit)
        self._unpublished: set[int] = set()
        self.no_more_tries = asyncio.Event()
        """Set while a batch that fails shall not be tried again in place: its partitions are wanted elsewhere."""
        self.progressed_at = time.monotonic()

    async def process(self, records: Sequence[Record]) -> None:
        """Handles the records that are ours, in order.

        Raises GiveUpForNow when the surroundings are down for too long, FenceLostError when somebody else owns the
        partitions, HaltedError when too many records in a row fail in the handler.
        """
        if not await self._publish():
            raise GiveUpForNow("what was said before is still unpublished")
        mine = self._fence.mine(records)
        if not mine:
            return
        self._ground.faults.at(faults.AFTER_FETCH)
        while mine:
            ready = await self._prepare(mine)
            await self._settle(mine[:ready])
            mine = mine[ready:]
            if mine and self.no_more_tries.is_set():
                raise GiveUpForNow("the partitions are wanted elsewhere")
        self._preparation.forget()

    async def forget(self, place: TopicPartition, keys: Sequence[bytes]) -> None:
        """Hands over the tombstones that nobody can read any more: reference data of these keys is gone.

        Raises FenceLostError when somebody else owns the partition, and whatever the handler raises.
        """
        records = tuple(tombstone(place, key) for key in keys)
        async with self._ground.transaction() as work:
            await self._fence.hold_still(work.connection, place)
            await keep_heard(work.connection, records, {})
            await self._handler(Batch(records, (None,) * len(records)), work)

    async def _prepare(self, records: Sequence[Record]) -> int:
        """How many of these, from the first, may be handled now."""
        self.progressed_at = time.monotonic()
        if not self._preparation.wants(records):
            return len(records)
        return await self._preparation.of(records, await self._clock.now(self._ground.pool))

    async def _settle(self, records: Sequence[Record]) -> None:
        if await self._attempt(records) is None:
            self._limit.succeeded()
        else:
            for record in records:
                await self._alone(record)

    async def _alone(self, record: Record) -> None:
        """One record by itself, a few times; then it is a dead letter."""
        error: Exception | None = None
        for attempt in range(self._settings.handler_attempts):
            error = await self._attempt((record,))
            if error is None:
                self._limit.succeeded()
                return
            await asyncio.sleep(backoff_seconds(attempt))
        assert error is not None
        self._limit.failed(record, error)
        # a database's own message quotes the row, so only its kind is logged
        trace = None if isinstance(error, asyncpg.PostgresError) else error
        log.error("record.given_up", record=record.name, error=for_log(error), exc_info=trace)
        if (worse := await self._attempt((record,), error)) is not None:
            raise HaltedError(f"{record.name} cannot even be put into the dead letters: {describe(worse)}")

    async def _attempt(self, records: Sequence[Record], verdict: Exception | None = None) -> Exception | None:
        """One transaction over ``records``, repeated while the surroundings fail. Returns the handler's error."""
        give_up_at = time.monotonic() + self._settings.retry_seconds
        started = time.perf_counter()
        lanes: set[int] = set()
        for attempt in itertools.count():
            self.progressed_at = time.monotonic()
            try:
                await self._transact(records, verdict, lanes)
            except FenceLostError:
                if not (attempt and await self._committed_after_all(records)):
                    raise
            except Exception as error:
                if not is_transient(error):
                    return error
                await self._wait_out(error, attempt, give_up_at)
                continue
            break
        self._ground.faults.at(faults.AFTER_COMMIT)
        self._unpublished |= lanes
        _measure(records, time.perf_counter() - started)
        await self._publish()
        return None

    async def _transact(self, records: Sequence[Record], verdict: Exception | None, lanes: set[int]) -> None:
        ground = self._ground
        async with ground.pool.acquire() as connection, connection.transaction():
            advance = await self._fence.advance(connection, records)
            self._clock.heard(advance.now)
            ground.faults.at(faults.AFTER_FENCE)
            work = Work(ground.service, connection, advance.now)
            if verdict is None:
                await self._handle(records, work)
            else:
                for record in records:
                    attempts = self._settings.handler_attempts
                    work.refuse(record, type(verdict).__name__, describe(verdict), attempts=attempts)
            ground.faults.at(faults.AFTER_HANDLE)
            lanes |= await work.flush()
            ground.faults.at(faults.BEFORE_COMMIT)
        self._fence.moved(advance)
        work.committed()

    async def _handle(self, records: Sequence[Record], work: Work) -> None:
        readable = []
        for record in records:
            if record.error is None:
                readable.append(record)
            else:
                work.refuse(record, record.error.reason, str(record.error))
        if any(record.topic in COMPACTED for record in records):
            await keep_heard(work.connection, records, self._fence.generations)
        fresh = await drop_repeated(work.connection, work.service, readable)
        metrics.REPEATED.inc(len(readable) - len(fresh))
        if fresh:
            await self._handler(Batch(tuple(fresh), tuple(map(self._preparation.result, fresh))), work)

    async def _committed_after_all(self, records: Sequence[Record]) -> bool:
        """Whether a commit whose answer was lost took place."""
        async with self._ground.pool.acquire() as connection:
            return await self._fence.confirm(connection, records)

    async def _wait_out(self, error: Exception, attempt: int, give_up_at: float) -> None:
        metrics.RETRIES.labels(type(error).__name__).inc()
        log.warning("batch.retry", attempt=attempt, error=for_log(error))
        if self.no_more_tries.is_set() or time.monotonic() > give_up_at:
            raise GiveUpForNow(for_log(error)) from error
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.no_more_tries.wait(), backoff_seconds(attempt, most=1.0))

    async def _publish(self) -> bool:
        """Publishes what earlier batches said. False when that does not succeed in time: the outbox keeps it."""
        give_up_at = time.monotonic() + self._settings.retry_seconds
        for attempt in itertools.count():
            try:
                if self._unpublished:
                    metrics.PUBLISHED.inc(await self._ground.relay.publish(self._unpublished))
                    self._unpublished.clear()
            except Exception as error:
                if not is_transient(error):
                    raise
                self.progressed_at = time.monotonic()
                try:
                    await self._wait_out(error, attempt, give_up_at)
                except GiveUpForNow:
                    return False
            else:
                return True
        raise AssertionError("unreachable")


def _measure(records: Sequence[Record], seconds: float) -> None:
    now = time.time()
    metrics.BATCH_SECONDS.observe(seconds)
    metrics.BATCH_RECORDS.observe(len(records))
    written: dict[str, list[int]] = {}
    for record in records:
        written.setdefault(record.topic, []).append(record.timestamp)
    for topic, times in written.items():
        metrics.RECORDS.labels(topic).inc(len(times))
        age = metrics.EVENT_AGE_SECONDS.labels(topic)
        for at in times:
            age.observe(max(0.0, now - at / 1000))
