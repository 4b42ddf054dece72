"""One transaction over some records, tried: what it did, or what it failed with, and whose words it leaves out."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg
from aiokafka import TopicPartition

from shared.bus import faults
from shared.bus.errors import FenceLostError, HaltedError, RecordRefusedError
from shared.bus.fence import Fence
from shared.bus.inbox import deduplicate
from shared.bus.preparing import Preparation
from shared.bus.record import COMPACTED, Batch, Record
from shared.bus.reference_keys import keep_heard, tombstone
from shared.bus.transactions import Handler, Transactions
from shared.bus.unit_of_work import GivenUp, UnitOfWork
from shared.database.connection import Connection
from shared.database.now import DatabaseClock
from shared.failures import TooSlowError, describe
from shared.settings import BusSettings
from shared.telemetry import metrics

TAKES_CHANGES: Final = "select current_setting('transaction_read_only') = 'off'"

CONNECT_SECONDS: Final = 10.0


@dataclass(slots=True)
class Attempt:
    """A transaction over ``records``: ``error`` is what it failed with after ``seconds``, None when it is committed.

    ``handled``: the records the handler saw. ``lanes``: where it said something.
    """

    records: Sequence[Record]
    error: Exception | None = None
    seconds: float = 0.0
    handled: list[Record] = field(default_factory=list)
    lanes: frozenset[int] = frozenset()


class Attempts:
    """Makes them. Between the tries of one batch it remembers what was prepared, and who was given up."""

    def __init__(
        self,
        transactions: Transactions,
        fence: Fence,
        handler: Handler,
        preparation: Preparation,
        settings: BusSettings,
    ) -> None:
        self._transactions = transactions
        self._fence = fence
        self._handler = handler
        self._preparation = preparation
        self._settings = settings
        self._clock = DatabaseClock()
        self._given_up: dict[str, GivenUp] = {}
        self._doubtful: list[Attempt] = []

    @contextlib.contextmanager
    def one_batch(self) -> Iterator[None]:
        """What is remembered is forgotten at the end."""
        try:
            yield
        finally:
            self._preparation.forget()
            self._given_up.clear()
            self._doubtful.clear()

    async def make(self, records: Sequence[Record], *, lock_timeout: str) -> Attempt:
        """One transaction over these, or over the first of them, as many as could be prepared in a short time.

        Raises FenceLostError when another process owns their partitions.
        """
        attempt = Attempt(records)
        begun = time.monotonic()
        try:
            attempt.records = records[: await self._prepare(records)]
            async with self._transactions.pool.acquire(timeout=CONNECT_SECONDS) as connection:
                begun = time.monotonic()
                await self._in_time(self._transact(attempt, connection, lock_timeout))
        except FenceLostError:
            if (committed := await self._committed_after_all()) is None:
                raise
            return committed
        except Exception as error:
            attempt.error = error
            self._doubtful.append(attempt)
            await self._transactions.leave_if_read_only(error)
        else:
            self._doubtful.clear()
        attempt.seconds = time.monotonic() - begun
        return attempt

    async def forget(self, place: TopicPartition, keys: Sequence[bytes]) -> None:
        """See BatchProcessor: a transaction over tombstones that are on no topic."""
        records = tuple(tombstone(place, key) for key in keys)
        async with self._transactions.begin() as work:
            await self._fence.hold_still(work.connection, place)
            await keep_heard(work.connection, records, {})
            await self._handler(Batch(records, (None,) * len(records)), work)

    async def could_be_made(self) -> bool:
        """Whether the database would take a change just now, so that it is not to blame."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS), self._transactions.pool.acquire() as connection:
                return bool(await connection.fetchval(TAKES_CHANGES))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False

    def turn_away(self, error: RecordRefusedError) -> bool:
        """From here on the record is refused before the handler sees it. False when it was, and that did not help."""
        if error.record_name in self._given_up:
            return False
        self._given_up[error.record_name] = GivenUp(error.reason, str(error), attempts=1)
        return True

    def give_up(self, record: Record, error: Exception, *, attempts: int) -> None:
        """From here on the record is a dead letter; without its bytes when they are what cannot be written."""
        earlier = self._given_up.get(record.name)
        if earlier and not earlier.whole:
            raise HaltedError(f"{record.name} cannot even be put into the dead letters: {describe(error)}")
        known = earlier or GivenUp(type(error).__name__, describe(error), attempts)
        self._given_up[record.name] = GivenUp(known.reason, known.message, known.attempts, whole=earlier is None)

    async def _prepare(self, records: Sequence[Record]) -> int:
        if not self._preparation.wants(records):
            return len(records)
        return await self._preparation.of(records, await self._clock.now(self._transactions.pool))

    async def _in_time(self, transaction: Awaitable[None]) -> None:
        seconds = self._settings.batch_seconds
        try:
            async with asyncio.timeout(seconds):
                await transaction
        except TimeoutError as error:
            raise TooSlowError(f"the transaction took longer than {seconds:g} s") from error

    async def _transact(self, attempt: Attempt, connection: Connection, lock_timeout: str) -> None:
        transactions = self._transactions
        async with connection.transaction():
            advance = await self._fence.advance(connection, attempt.records, lock_timeout=lock_timeout)
            self._clock.heard(advance.now)
            transactions.faults.at(faults.AFTER_FENCE)
            work = UnitOfWork(transactions.service, connection, advance.now, self._given_up)
            attempt.handled = await self._handle(attempt.records, work)
            transactions.faults.at(faults.AFTER_HANDLE)
            attempt.lanes = await work.flush()
            transactions.faults.at(faults.BEFORE_COMMIT)
        self._fence.committed(advance)
        work.committed()

    async def _handle(self, records: Sequence[Record], work: UnitOfWork) -> list[Record]:
        readable = []
        for record in records:
            if record.error is not None:
                work.refuse(record, record.error.reason, str(record.error))
            elif not work.is_turned_away(record):
                readable.append(record)
        if any(record.topic in COMPACTED for record in records):
            await keep_heard(work.connection, records, self._fence.generations)
        fresh = await deduplicate(work.connection, work.service, readable)
        metrics.REPEATED.inc(len(readable) - len(fresh))
        if fresh:
            await self._handler(Batch(tuple(fresh), tuple(map(self._preparation.result, fresh))), work)
        return fresh

    async def _committed_after_all(self) -> Attempt | None:
        """The attempt that took place although its answer was lost, if one did."""
        async with self._transactions.pool.acquire() as connection:
            for attempt in self._doubtful:
                if await self._fence.confirm(connection, attempt.records):
                    attempt.error = None
                    return attempt
        return None
