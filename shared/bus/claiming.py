"""Which partitions are this process's. A partition is claimed when it is assigned, and read once its claim is done.

aiokafka keeps the process in its group, and no more: all its partitions are paused for good, and read by readers of our
own, from where PostgreSQL says.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from shared.bus import faults
from shared.bus.batch import BatchProcessor, Ground
from shared.bus.failures import RecordsLostError, backoff_seconds, for_log, is_transient
from shared.bus.fence import Claim, Fence
from shared.bus.reading import PartitionReader
from shared.bus.record import COMPACTED
from shared.settings import BusSettings
from shared.telemetry import metrics

log = structlog.get_logger()


class Claimant(ConsumerRebalanceListener):  # type: ignore[misc]
    """The readers of the partitions this process has claimed. ``busy`` is held while records of them are handled.

    ``on_lost(reason)`` is called when records are gone that a person has to know of, ``on_end(reason)`` when claiming
    has ended by a fault of ours.
    """

    def __init__(
        self,
        ground: Ground,
        fence: Fence,
        processor: BatchProcessor,
        settings: BusSettings,
        *,
        on_lost: Callable[[str], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._ground = ground
        self._fence = fence
        self._processor = processor
        self._settings = settings
        self._on_lost = on_lost
        self._on_end = on_end
        self._claiming: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.busy = asyncio.Lock()
        self.joined = False
        self.readers: dict[TopicPartition, PartitionReader] = {}
        self.consumer: AIOKafkaConsumer | None = None
        """Who keeps us in the group."""

    def stop(self) -> None:
        """Claimant nothing any more, and tries no failing batch again."""
        self._stopping = True
        self._processor.no_more_tries.set()
        self._cancel_claims()

    def drop(self, places: Iterable[TopicPartition]) -> None:
        """From here on nothing of these partitions is read or handled."""
        dropped = tuple(places)
        self._fence.drop(dropped)
        for place in dropped:
            self.readers.pop(place, None)
        metrics.CLAIMED_PARTITIONS.set(len(self.readers))

    def claim(self, places: set[TopicPartition]) -> None:
        """Claimant partitions, also anew, in the background: a rebalance never waits for the database."""
        self.drop(places)
        task = asyncio.create_task(self._claim(places), name="claim")
        self._claiming.add(task)
        task.add_done_callback(self._claimed)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Waits for the running batch, but not for its next try, then lets go."""
        self._cancel_claims()
        self._processor.no_more_tries.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.handover_seconds), self.busy:
                pass
        if not self._stopping:
            self._processor.no_more_tries.clear()
        self.drop(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Takes them from aiokafka, which would read them too, and claims them."""
        self.joined = True
        self._consumer.pause(*assigned)
        if assigned and not self._stopping:
            self.claim(assigned)

    async def _claim(self, places: set[TopicPartition]) -> None:
        for attempt in itertools.count():
            try:
                starts = await self._consumer.beginning_offsets(sorted(places))
                ends = await self._consumer.end_offsets(sorted(places))
                async with self._ground.pool.acquire() as connection:
                    if left_open := await self._fence.end_left_open(connection, places):
                        log.warning("bus.ended_left_open", transactions=left_open)
                    async with connection.transaction():
                        claims = await self._fence.claim(connection, starts)
                        for place, claim in claims.items():
                            await self._check_claim(connection, place, claim, starts[place], ends[place])
                self._ground.faults.at(faults.AFTER_CLAIM)
                self._take_up(claims)
            except RecordsLostError as lost:
                self._on_lost(str(lost))
                return
            except Exception as error:
                level = log.warning if is_transient(error) else log.exception
                level("bus.claim_again", error=for_log(error))
                await asyncio.sleep(backoff_seconds(attempt))
            else:
                return

    def _take_up(self, claims: dict[TopicPartition, Claim]) -> None:
        self._fence.hold(claims)
        for place, claim in claims.items():
            self.readers[place] = PartitionReader(place, claim.next_offset, compacted=place.topic in COMPACTED)
        self._processor.progressed_at = time.monotonic()
        metrics.CLAIMED_PARTITIONS.set(len(self.readers))
        log.info("bus.claimed", partitions=len(claims))

    async def _check_claim(self, connection: Any, place: TopicPartition, claim: Claim, start: int, end: int) -> None:
        if start <= claim.next_offset <= end:
            return
        if place.topic not in COMPACTED and self._settings.on_lost_records == "stop":
            raise RecordsLostError.at(place, claim.next_offset, start)
        claim.next_offset = start
        await self._fence.move(connection, place, claim)

    def _claimed(self, task: asyncio.Task[None]) -> None:
        self._claiming.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_end(f"claiming has died: {error!r}")

    def _cancel_claims(self) -> None:
        for task in self._claiming:
            task.cancel()

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        assert self.consumer is not None, "it is there before anything is assigned"
        return self.consumer
