"""Which partitions are this process's. A partition is claimed when it is assigned, and read once its claim is done.

aiokafka keeps the process in its group, and no more: all its partitions are paused for good, and read by readers of our
own, from where PostgreSQL says.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from shared.bus import faults
from shared.bus.batch import BatchProcessor
from shared.bus.errors import RecordsLostError
from shared.bus.fence import Claim, Fence
from shared.bus.logs import logs_of, tombstones_live
from shared.bus.places import Log, Place
from shared.bus.reading import PartitionReader
from shared.bus.record import COMPACTED
from shared.bus.settling import DoubtfulError, settle_places
from shared.bus.transactions import Transactions
from shared.failures import for_log, is_transient
from shared.retry import Backoff
from shared.settings import BusSettings
from shared.telemetry import metrics

DOUBT_SECONDS: Final = 1.0
"""After so long the brokers are asked again, before what they say of the ends of a log is believed."""

log = structlog.get_logger()


class Claimant(ConsumerRebalanceListener):  # type: ignore[misc]
    """The readers of the partitions this process has claimed. ``busy`` is held while records of them are handled.

    ``on_lost(reason)`` is called when records are gone that a person has to know of, ``on_end(reason)`` when claiming
    has ended by a fault of ours.
    """

    def __init__(
        self,
        transactions: Transactions,
        fence: Fence,
        processor: BatchProcessor,
        settings: BusSettings,
        *,
        on_lost: Callable[[str], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._transactions = transactions
        self._fence = fence
        self._processor = processor
        self._settings = settings
        self._on_lost = on_lost
        self._on_end = on_end
        self._claiming: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._rebalancing = False
        self.busy = asyncio.Lock()
        self.joined = False
        self.readers: dict[TopicPartition, PartitionReader] = {}
        self.places: dict[TopicPartition, Place] = {}
        """What is remembered of the partitions claimed."""
        self.consumer: AIOKafkaConsumer | None = None
        """Who keeps us in the group."""

    def stop(self) -> None:
        """Claims nothing any more, and tries no failing batch again."""
        self._stopping = True
        self._processor.stop_retrying.set()
        self._cancel_claims()

    def release(self, places: Iterable[TopicPartition]) -> None:
        """From here on nothing of these partitions is read or handled."""
        dropped = tuple(places)
        self._fence.release(dropped)
        for place in dropped:
            self.readers.pop(place, None)
            self.places.pop(place, None)
        metrics.CLAIMED_PARTITIONS.set(len(self.readers))

    def claim(self, places: set[TopicPartition]) -> None:
        """Claims partitions, also anew, in the background: a rebalance never waits for the database.

        In the middle of a rebalance nothing is claimed anew: all that stays ours is assigned, and claimed, at its end.
        """
        self.release(places)
        if self._rebalancing or self._stopping:
            return
        task = asyncio.create_task(self._claim(places), name="claim")
        self._claiming.add(task)
        task.add_done_callback(self._claimed)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Waits for the running batch, but not for its next try, then lets go."""
        self._rebalancing = True
        self._cancel_claims()
        self._processor.stop_retrying.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.handover_seconds), self.busy:
                pass
        if not self._stopping:
            self._processor.stop_retrying.clear()
        self.release(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Takes them from aiokafka, which would read them too, and claims them."""
        self.joined = True
        self._rebalancing = False
        self._consumer.pause(*assigned)
        if assigned:
            self.claim(assigned)

    async def _claim(self, places: set[TopicPartition]) -> None:
        backoff = Backoff()
        for attempt in itertools.count():
            try:
                logs = await logs_of(self._consumer, places)
                live = await tombstones_live(self._consumer._client, {place.topic for place in places} & COMPACTED)
                async with self._transactions.pool.acquire() as connection:
                    if orphaned := await self._fence.terminate_orphaned_transactions(connection, places):
                        log.warning("bus.orphans_terminated", transactions=orphaned)
                    async with connection.transaction():
                        claims = await self._fence.claim(connection, {place: one.start for place, one in logs.items()})
                        found = await settle_places(
                            connection, self._fence, claims, logs, live, stops=self._stops, is_sure=attempt > 0
                        )
                self._transactions.faults.at(faults.AFTER_CLAIM)
                self._take_up(claims, found)
            except DoubtfulError:
                await asyncio.sleep(DOUBT_SECONDS)
            except RecordsLostError as lost:
                self._on_lost(str(lost))
                return
            except Exception as error:
                level = log.warning if is_transient(error) else log.exception
                level("bus.claim_again", error=for_log(error))
                await backoff.wait()
            else:
                return

    def note(self, place: TopicPartition, log_now: Log, *, is_anew: bool = False) -> None:
        """What is remembered of a partition from now on; ``is_anew``: all of it was read anew."""
        if known := self.places.get(place):
            self.places[place] = replace(known, log=log_now, anew_to=None if is_anew else known.anew_to)

    def _take_up(self, claims: dict[TopicPartition, Claim], found: dict[TopicPartition, Place]) -> None:
        self._fence.acquire(claims)
        self.places.update(found)
        for place, claim in claims.items():
            self.readers[place] = PartitionReader(place, claim.next_offset, compacted=place.topic in COMPACTED)
        self._processor.progressed_at = time.monotonic()
        metrics.CLAIMED_PARTITIONS.set(len(self.readers))
        log.info("bus.claimed", partitions=len(claims))

    def _claimed(self, task: asyncio.Task[None]) -> None:
        self._claiming.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_end(f"claiming has died: {error!r}")

    def _cancel_claims(self) -> None:
        for task in self._claiming:
            task.cancel()

    @property
    def _stops(self) -> bool:
        return self._settings.on_lost_records == "stop"

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        assert self.consumer is not None, "it is there before anything is assigned"
        return self.consumer
