"""The batch: fence, state and outbox in one PostgreSQL transaction, then publish. The heart of every service.

    fetch -> prepare -> fence -> handle -> outbox -> COMMIT -> publish
                        `----- one transaction ----'

Dying anywhere loses and doubles nothing: before the commit nothing happened and the records are read again; after it
the outbox holds what is left to say, and whoever next publishes to that lane, or the sweep, says it first.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import structlog
from aiokafka import TopicPartition

from shared.bus import faults
from shared.bus.attempts import Attempt, Attempts
from shared.bus.bad_deploy import DeadLetterLimit
from shared.bus.endurance import BatchPostponed, Endurance
from shared.bus.errors import RecordRefusedError
from shared.bus.fence import Fence
from shared.bus.portions import Portions
from shared.bus.preparing import Preparation, Prepare
from shared.bus.record import Record
from shared.bus.transactions import Handler, Transactions
from shared.failures import Blame, blame_for, for_log, is_transient
from shared.retry import Backoff, retry
from shared.settings import BusSettings
from shared.telemetry import metrics

LOCK_TIMEOUT: Final = "2s"
IMPATIENT: Final = "200ms"
"""While it is looked for who is locked out, and when that one is tried again: everybody else waits as long."""

log = structlog.get_logger()


class BatchProcessor:
    """Turns records into effects, exactly once. Knows nothing of where records come from."""

    def __init__(
        self,
        transactions: Transactions,
        fence: Fence,
        handler: Handler,
        settings: BusSettings,
        prepare: Prepare[Any] | None = None,
    ) -> None:
        self._transactions = transactions
        self._fence = fence
        self._settings = settings
        self._attempts = Attempts(transactions, fence, handler, Preparation(prepare), settings)
        self._portions = Portions(settings.max_records)
        self._limit = DeadLetterLimit(settings.dead_letter_limit)
        self._alone: Counter[str] = Counter()
        self._hopeless: type[Exception] | None = None
        self._unpublished: set[int] = set()
        self.stop_retrying = asyncio.Event()
        """Set while a batch that fails shall not be tried again in place: its partitions are wanted elsewhere."""
        self.progressed_at = time.monotonic()

    def is_put_off(self, place: TopicPartition) -> bool:
        """Whether nothing of this partition shall be handed in now. What was handed in of it is to be read again."""
        return self._portions.is_put_off(place, time.monotonic())

    def put_off(self) -> dict[TopicPartition, str]:
        """The partitions that wait by themselves, and why."""
        return self._portions.reasons()

    async def process(self, records: Sequence[Record]) -> None:
        """Handles the records that are ours, in order, but for those of partitions that were put off meanwhile.

        Raises BatchPostponed when the surroundings are down for too long, FenceLostError when somebody else owns the
        partitions, HaltedError when whatever comes fails in the handler.
        """
        if not await self._publish():
            raise BatchPostponed("what was said before is still unpublished")
        self._portions.forget(self._fence.partitions)
        endurance = Endurance(self._settings.retry_seconds, self.stop_retrying)
        with self._attempts.one_batch():
            self._transactions.faults.at(faults.AFTER_FETCH)
            while portion := self._portions.next(self._fence.mine(records), time.monotonic()):
                self.progressed_at = time.monotonic()
                await self._try(portion, endurance)
        metrics.PUT_OFF_PARTITIONS.set(len(self._portions.reasons()))

    async def forget(self, place: TopicPartition, keys: Sequence[bytes]) -> None:
        """Hands over the tombstones that nobody can read any more: reference data of these keys is gone.

        Raises FenceLostError when somebody else owns the partition, and whatever the handler raises.
        """
        await self._attempts.forget(place, keys)

    async def _try(self, portion: Sequence[Record], endurance: Endurance) -> None:
        in_a_hurry = self._portions.is_small or bool(self._portions.reasons())
        attempt = await self._attempts.make(portion, lock_timeout=IMPATIENT if in_a_hurry else LOCK_TIMEOUT)
        if attempt.error is None:
            endurance.renew()
            await self._passed(attempt)
            return
        if isinstance(attempt.error, RecordRefusedError) and self._attempts.turn_away(attempt.error):
            return
        log.warning("batch.retry", records=len(attempt.records), error=for_log(attempt.error))
        metrics.RETRIES.labels(type(attempt.error).__name__).inc()
        blame = blame_for(attempt.error, attempt.seconds)
        self._portions.failed(attempt.records, too_much=blame is Blame.SLOW)
        if len(attempt.records) > 1:
            if blame is Blame.AWAY:
                await endurance.wait(attempt.error)
            else:
                endurance.check(attempt.error)
            return
        await self._failed_alone(attempt.records[0], attempt.error, blame, endurance)

    async def _failed_alone(self, record: Record, error: Exception, blame: Blame, endurance: Endurance) -> None:
        if blame in (Blame.OURS, Blame.SLOW):
            self._alone[record.name] += 1
        is_hopeless = self._alone[record.name] >= self._settings.handler_attempts
        if blame is Blame.OURS:
            endurance.check(error)
            if is_hopeless or type(error) is self._hopeless:  # of a kind that did not pass a moment ago
                self._give_up(record, error)
        elif not await self._attempts.could_be_made():
            await endurance.wait(error)
        elif blame is Blame.SLOW and is_hopeless:
            self._give_up(record, error)
        else:
            endurance.check(error)
            self._portions.put_off(record, for_log(error), time.monotonic())
            log.warning("record.put_off", record=record.name, error=for_log(error))

    def _give_up(self, record: Record, error: Exception) -> None:
        self._limit.failed(record, error, self._fence.share_of(record.topic))
        self._hopeless = type(error)
        # a database's own message quotes the row, so only its kind is logged
        trace = None if isinstance(error, asyncpg.PostgresError) else error
        log.error("record.given_up", record=record.name, error=for_log(error), exc_info=trace)
        self._attempts.give_up(record, error, attempts=self._alone.pop(record.name))

    async def _passed(self, attempt: Attempt) -> None:
        self._transactions.faults.at(faults.AFTER_COMMIT)
        self._portions.passed(attempt.records)
        self._limit.succeeded(attempt.handled)
        if self._alone:
            for record in attempt.records:
                self._alone.pop(record.name, None)
        self._unpublished |= attempt.lanes
        _measure(attempt.records, attempt.seconds)
        await self._publish()

    async def _publish(self) -> bool:
        """Publishes what earlier batches said. False when that does not succeed in time: the outbox keeps it."""
        backoff = Backoff(most=1.0, seconds=self._settings.retry_seconds, stop=self.stop_retrying)
        try:
            await retry(self._publish_unpublished, "outbox.retry", backoff, on_failure=self._publishing_failed)
        except Exception as error:
            if not is_transient(error):
                raise
            return False
        return True

    async def _publish_unpublished(self) -> None:
        if self._unpublished:
            metrics.PUBLISHED.inc(await self._transactions.relay.publish(self._unpublished))
            self._unpublished.clear()

    async def _publishing_failed(self, error: Exception) -> None:
        self.progressed_at = time.monotonic()
        metrics.RETRIES.labels(type(error).__name__).inc()
        await self._transactions.leave_if_read_only(error)


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
