"""Where records come from: one faststream batch subscriber a process, over all topics of its service.

Positions come from PostgreSQL. A partition is claimed when it is assigned; until its claim is done it is paused, and
what is handed out nevertheless is dropped (aiokafka does so while an asynchronous callback still runs); the seek that
ends the claim brings it back.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.bus import faults
from shared.bus.batch import BatchProcessor, GiveUpForNow, Ground
from shared.bus.dead_ends import died_of
from shared.bus.failures import FenceLostError, HaltedError, RecordsLostError, backoff_seconds, for_log, is_transient
from shared.bus.fence import Claim, Fence
from shared.bus.membership import leave_for_predecessors
from shared.bus.pace import rest_after
from shared.bus.record import COMPACTED, Record, keep_bytes, read
from shared.contracts.topics import MAX_RECORD_BYTES, Topic
from shared.settings import BusSettings
from shared.telemetry import metrics

log = structlog.get_logger()


class BusConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Feeds a BatchProcessor. ``on_fatal(reason)`` is called when this process has to end and be started anew.

    Events of tickets whose type is ``unheard`` are passed over, unread.
    """

    def __init__(
        self,
        ground: Ground,
        fence: Fence,
        processor: BatchProcessor,
        settings: BusSettings,
        *,
        topics: Iterable[Topic],
        group: str,
        on_fatal: Callable[[str], None],
        unheard: Collection[bytes] = frozenset(),
    ) -> None:
        self._ground = ground
        self._fence = fence
        self._processor = processor
        self._settings = settings
        self._group = group
        self._client_id = f"kefu-{fence.owner}"
        self._on_fatal = on_fatal
        self._unheard = unheard
        self._busy = asyncio.Lock()
        self._claiming: asyncio.Task[None] | None = None
        self._joined = self._stopping = False
        self._fetched: dict[TopicPartition, int] = {}
        self.halted: str | None = None
        self.broker = KafkaBroker(
            settings.servers,
            client_id=self._client_id,
            consumer_only=True,
            allow_auto_create_topics=False,
            graceful_timeout=settings.drain_seconds,
            # A broker that restarts may forget that somebody is joining: nobody waits much longer than a rebalance may.
            request_timeout_ms=int((settings.handover_seconds + 5) * 1000),
            retry_backoff_ms=250,
            apply_types=False,
            logger=None,
        )
        self._subscriber = self.broker.subscriber(
            *(topic.name for topic in topics),
            batch=True,
            max_records=settings.max_records,
            batch_timeout_ms=settings.poll_milliseconds,
            group_id=group,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=int(settings.session_seconds * 1000),
            heartbeat_interval_ms=int(settings.heartbeat_seconds * 1000),
            rebalance_timeout_ms=int((settings.handover_seconds + 2) * 1000),
            max_poll_interval_ms=int(settings.hang_seconds * 1000),
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=MAX_RECORD_BYTES,
            fetch_max_bytes=MAX_RECORD_BYTES,  # all of a fetch is held in memory until it is consumed
            parser=keep_bytes,
            decoder=self._decode,
            listener=self,
        )
        self._subscriber(self._consume)

    async def start(self) -> None:
        """Joins the group; waits for a broker that is still starting."""
        await leave_for_predecessors(self._settings.servers, group=self._group, client_id=self._client_id)
        for attempt in itertools.count():
            try:
                await self.broker.start()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("bus.waiting", error=for_log(error))
                with contextlib.suppress(Exception):
                    await self.broker.stop()
                await asyncio.sleep(backoff_seconds(attempt, first=0.2))
            else:
                return

    async def stop(self) -> None:
        """Finishes the batch at hand, leaves the group."""
        self._stopping = True
        self._processor.no_more_tries.set()
        if self._claiming is not None:
            self._claiming.cancel()
        await self.broker.stop()

    def unready(self) -> str | None:
        """Why this process does not consume; None when it does."""
        if self.halted:
            return self.halted
        if not self._joined:
            return "has not joined its consumer group yet"
        consumer = self._subscriber.consumer
        if consumer is None or consumer.assignment() - set(self._fence.partitions):
            return "is claiming its partitions"
        return None

    def lag(self) -> int:
        """Records that wait in this process's partitions, as far as the last fetch knows.

        The log may end in offsets that hold none: markers of transactions, records compacted away. And what a
        transaction still open has written waits for its writer, not for us.
        """
        consumer = self._subscriber.consumer
        total = 0
        for place in self._fence.partitions:
            position = self._fence.position(place)
            if consumer is None or position is None or place not in consumer.assignment():
                continue
            ends = (consumer.highwater(place), consumer.last_stable_offset(place))
            end = min((one for one in ends if one is not None and one >= 0), default=0)
            total += max(0, end - max(position, self._fetched.get(place, 0)))
        return total

    def dead(self) -> str | None:
        """Why this process will never consume again, whatever it waits for; None while it may."""
        consumer = self._subscriber.consumer
        return died_of(consumer) if consumer is not None else None

    def is_stuck(self) -> bool:
        """Whether records have waited without any progress for longer than the settings allow."""
        idle = time.monotonic() - self._processor.progressed_at
        return self.halted is None and self.lag() > 0 and idle > self._settings.stuck_seconds

    async def commit(self) -> None:
        """Tells Kafka how far we are, for monitoring only: the truth is in the database. Notes what was fetched."""
        self._fetched = {}
        consumer = self._subscriber.consumer
        if consumer is None:
            return
        positions = {place: self._fence.position(place) for place in consumer.assignment()}
        offsets = {place: offset for place, offset in positions.items() if offset is not None}
        if offsets:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await consumer.commit(offsets)
                    if not self._busy.locked():
                        self._fetched = {place: await consumer.position(place) for place in offsets}

    async def _decode(self, message: KafkaMessage) -> list[Record]:
        return [read(record, self._unheard) for record in message.body]

    async def _consume(self, records: Sequence[Record]) -> None:
        begun = time.monotonic()
        async with self._busy:
            try:
                await self._check_gaps(records)
                await self._processor.process(records)
            except GiveUpForNow as reason:
                log.warning("bus.fetched_again", reason=str(reason))
                self._rewind()
            except FenceLostError as lost:
                self._fence.drop(self._fence.partitions)
                self._on_fatal(f"the fence was lost: {lost}")
            except (HaltedError, RecordsLostError) as reason:
                self._halt(str(reason))
            except Exception as error:
                if is_transient(error):
                    log.warning("bus.fetched_again", reason=for_log(error))
                    self._rewind()
                else:  # a bug of ours: stop rather than lose or spin
                    log.exception("bus.bug")
                    self._halt(for_log(error))
        await asyncio.sleep(rest_after(time.monotonic() - begun, len(records), most=self._settings.rest_seconds))

    async def _check_gaps(self, records: Sequence[Record]) -> None:
        """A hole is harmless (transaction markers, compaction) unless the log now starts behind our position."""
        if self._settings.on_lost_records != "stop":
            return
        firsts: dict[TopicPartition, tuple[int, int]] = {}
        for record in records:
            expected = self._fence.position(record.place)
            if expected is not None and record.offset >= expected and record.topic not in COMPACTED:
                firsts.setdefault(record.place, (record.offset, expected))
        for place, (first, expected) in firsts.items():
            if first > expected:
                start = (await self._consumer.beginning_offsets([place]))[place]
                if start > expected:
                    raise RecordsLostError.at(place, expected, start)

    def _rewind(self) -> None:
        """The next fetch starts where the database stands."""
        for place in self._fence.partitions:
            position = self._fence.position(place)
            if position is not None and place in self._consumer.assignment():
                self._consumer.seek(place, position)

    def _halt(self, reason: str) -> None:
        self.halted = reason
        metrics.HALTED.set(1)
        log.critical("bus.halted", reason=reason)
        self._consumer.pause(*self._consumer.assignment())
        self._fence.drop(self._fence.partitions)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Waits for the running batch, but not for its next try, then lets go."""
        if self._claiming is not None:
            self._claiming.cancel()
        self._processor.no_more_tries.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.handover_seconds), self._busy:
                pass
        if not self._stopping:
            self._processor.no_more_tries.clear()
        self._fence.drop(revoked)
        metrics.CLAIMED_PARTITIONS.set(len(self._fence.partitions))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Claims the partitions, in the background: a rebalance never waits for the database."""
        self._joined = True
        self._consumer.pause(*assigned)
        if assigned and not self.halted:
            self._claiming = asyncio.create_task(self._claim(assigned))

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
                self._halt(str(lost))
                return
            except Exception as error:
                level = log.warning if is_transient(error) else log.exception
                level("bus.claim_again", error=for_log(error))
                await asyncio.sleep(backoff_seconds(attempt))
            else:
                return

    def _take_up(self, claims: dict[TopicPartition, Claim]) -> None:
        for place, claim in claims.items():
            self._consumer.seek(place, claim.next_offset)
        self._fence.hold(claims)
        self._consumer.resume(*claims)
        self._processor.progressed_at = time.monotonic()
        metrics.CLAIMED_PARTITIONS.set(len(self._fence.partitions))
        log.info("bus.claimed", partitions=len(claims))

    async def _check_claim(self, connection: Any, place: TopicPartition, claim: Claim, start: int, end: int) -> None:
        if start <= claim.next_offset <= end:
            return
        if place.topic not in COMPACTED and self._settings.on_lost_records == "stop":
            raise RecordsLostError.at(place, claim.next_offset, start)
        claim.next_offset = start
        await self._fence.move(connection, place, claim)

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        assert self._subscriber.consumer is not None, "the subscriber is started before anything is consumed"
        return self._subscriber.consumer
