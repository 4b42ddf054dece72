"""Where records come from: our own poll over all partitions this process has claimed.

Positions come from PostgreSQL, and a reader for each partition starts there. What is handed to the batch always follows
on what the fence has passed, or all that is at hand is thrown away and asked for again: no failure, of whatever kind
and wherever, moves a position.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition
from aiokafka.client import AIOKafkaClient

from shared.bus.aiokafka_patches import consumer_failure
from shared.bus.batch import BatchProcessor
from shared.bus.claiming import Claimant
from shared.bus.connections import group_member, record_client
from shared.bus.endurance import BatchPostponed
from shared.bus.errors import FenceLostError, HaltedError, RecordsLostError
from shared.bus.fence import Fence
from shared.bus.fetching import Fetcher
from shared.bus.health import PartitionHealth, place_name
from shared.bus.linger import linger_after
from shared.bus.membership import leave_for_predecessors
from shared.bus.numbers import Numbers
from shared.bus.place_watch import PlaceWatch
from shared.bus.reading import Found, PartitionReader, UnusableBatch
from shared.bus.record import Record, read, unusable
from shared.bus.skipping import Wishes
from shared.bus.transactions import Transactions
from shared.contracts.topics import MAX_RECORD_BYTES, Topic
from shared.failures import for_log, is_transient
from shared.retry import Backoff, retry
from shared.security.tags import EventTags
from shared.settings import BusSettings
from shared.tasks import call_off, keep
from shared.telemetry import metrics

IDLE_SECONDS: Final = 0.2
"""How long the poll waits for an answer before it looks whether there is somebody new to ask for."""

_MOST_METADATA: Final = 2000

log = structlog.get_logger()


class BusConsumer:
    """Feeds a BatchProcessor. ``on_fatal(reason)`` is called when this process has to end and be started anew.

    Events of tickets whose type is ``ignored_types`` are passed over, unread.
    """

    def __init__(
        self,
        transactions: Transactions,
        fence: Fence,
        processor: BatchProcessor,
        settings: BusSettings,
        *,
        topics: Iterable[Topic],
        group: str,
        on_fatal: Callable[[str], None],
        ignored_types: Collection[bytes] = frozenset(),
        tags: EventTags | None = None,
    ) -> None:
        self._fence = fence
        self._processor = processor
        self._settings = settings
        self._topics = [topic.name for topic in topics]
        self._group = group
        self._client_id = f"kefu-{fence.owner}"
        self._on_fatal = on_fatal
        self._ignored_types = ignored_types
        self._tags = tags
        self._claimant = Claimant(transactions, fence, processor, settings, on_lost=self._halt, on_end=on_fatal)
        self._health = PartitionHealth(fence, self._claimant.readers)
        self._watch = PlaceWatch(transactions, fence, processor, self._claimant, self._topics)
        self._numbers = Numbers(transactions, group)
        self._wishes = Wishes(settings, self._claimant.readers, service=transactions.service)
        self._turn = 0
        self._consumer: AIOKafkaConsumer | None = None
        self._fetcher: Fetcher | None = None
        self._polling: asyncio.Task[None] | None = None
        self._watching: tuple[asyncio.Task[None], ...] = ()
        self.halted: str | None = None

    async def start(self) -> None:
        """Joins the group; waits for a broker that is still starting."""
        await leave_for_predecessors(self._settings.servers, group=self._group, client_id=self._client_id)
        consumer, client = await retry(self._connected, "bus.waiting", Backoff(first=0.2))
        self._consumer, self._fetcher = consumer, Fetcher(client)
        self._polling = keep(self._poll(consumer, self._fetcher), "the poll of the bus", self._on_fatal)
        watch = self._watch.watch((consumer._client, client), self._settings.places_seconds)
        self._watching = (
            keep(watch, "the watch over places", self._on_fatal),
            keep(self._wishes.heed(), "the look-out for wishes", self._on_fatal),
        )

    async def _connected(self) -> tuple[AIOKafkaConsumer, AIOKafkaClient]:
        client = record_client(self._settings, topics=self._topics, client_id=self._client_id)
        consumer = self._claimant.consumer = group_member(
            self._settings,
            topics=self._topics,
            group=self._group,
            client_id=self._client_id,
            listener=self._claimant,
        )
        try:
            await client.bootstrap()
            await self._numbers.lift(client)
            await consumer.start()
        except Exception:
            await asyncio.gather(consumer.stop(), client.close(), return_exceptions=True)
            raise
        return consumer, client

    async def stop(self) -> None:
        """Finishes the batch at hand, leaves the group."""
        self._claimant.stop()
        if self._consumer is None or self._fetcher is None or self._polling is None:
            return
        await call_off(*self._watching)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_seconds), self._claimant.busy:
                await call_off(self._polling)
        await call_off(self._polling)
        await self._fetcher.close()
        await self._consumer.stop()

    def unready(self) -> str | None:
        """Why this process, or one of its partitions, does not consume; None when all do."""
        if self.halted:
            return self.halted
        if not self._claimant.joined:
            return "has not joined its consumer group yet"
        if self._watch.missing:
            return f"there is no topic {', '.join(self._watch.missing)}"
        if self._consumer is None or self._consumer.assignment() - set(self._claimant.readers):
            return "is claiming its partitions"
        if unreadable := self._health.unreadable():
            return "; ".join(f"{place_name(place)} {why}" for place, why in unreadable.items())
        standing = self._health.standstill()
        if standing is None or standing.seconds <= self._settings.standstill_seconds:
            return None
        return f"{standing}: {why}" if (why := self._processor.put_off().get(standing.place)) else str(standing)

    def lag(self) -> int:
        """Records that wait in this process's partitions, those of open transactions included."""
        return sum(self._health.waiting().values())

    def dead(self) -> str | None:
        """Why this process will never consume again, whatever it waits for; None while it may."""
        return consumer_failure(self._consumer, self._fetcher.client) if self._consumer and self._fetcher else None

    def is_stuck(self) -> bool:
        """Whether records have waited without any progress for longer than the settings allow."""
        idle = time.monotonic() - self._processor.progressed_at
        waiting = self._health.waiting().keys() - self._health.unreadable().keys()
        return self.halted is None and bool(waiting) and idle > self._settings.stuck_seconds

    async def report(self) -> None:
        """Tells Kafka how far we are and what is halted, for people and tools only: the truth is in the database."""
        self._health.look()
        if self._consumer is None or self._fetcher is None:
            return
        mine, unreadable = self._consumer.assignment(), self._health.unreadable()
        told = {
            place: OffsetAndMetadata(position, unreadable.get(place, "")[:_MOST_METADATA])
            for place, position in self._health.positions().items()
            if place in mine
        }
        if told:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await self._consumer.commit(told)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await self._numbers.tell(self._fetcher.client)

    async def _poll(self, consumer: AIOKafkaConsumer, fetcher: Fetcher) -> None:
        backoff = Backoff()
        while True:
            try:
                await consumer.getmany(timeout_ms=0)  # all is paused: it gives nothing, and says to the group we live
                await self._round(fetcher)
                backoff.renew()
            except Exception as error:
                metrics.FETCH_FAILURES.labels(type(error).__name__).inc()
                log.exception("bus.poll_failed", error=for_log(error))
                self._rewind()
                await backoff.wait()

    async def _round(self, fetcher: Fetcher) -> None:
        fetcher.arrived.clear()
        readers = self._claimant.readers
        if lost := {place for place, reader in readers.items() if reader.is_lost}:
            self._claimant.claim(lost)
        found = self._at_hand()
        fetcher.ask(readers.values())
        if found:
            await self._consume([self._record(one) for one in found], dict(readers))
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(fetcher.arrived.wait(), IDLE_SECONDS)

    def _at_hand(self) -> list[Found]:
        """What is handled next: an even share of each partition, so that none waits for the backlog of another.

        What was handed out and not done, for whatever reason, is read again first.
        """
        for place, position in self._health.positions().items():
            if position != (left_behind := self._claimant.readers[place]).handed:
                left_behind.rewind(position)
        everybody = self._claimant.readers.items()
        readers = [one for place, one in everybody if not (one.is_hungry or self._processor.is_put_off(place))]
        self._turn += 1
        found: list[Found] = []
        for number in range(len(readers)):
            reader = readers[(number + self._turn) % len(readers)]
            room = self._settings.max_records - len(found)
            found += self._hand_out(reader, room // (len(readers) - number) or min(room, 1))
        return found

    def _hand_out(self, reader: PartitionReader, most: int) -> list[Found]:
        position = self._fence.position(reader.place)
        if position is None or not most:
            return []
        try:
            return reader.hand_out(most, MAX_RECORD_BYTES)
        except Exception as error:  # whatever its bytes do to us, they do it to this partition alone
            log.exception("bus.unreadable", partition=place_name(reader.place), error=for_log(error))
            reader.rewind(position)
            reader.fail(for_log(error), is_damage=True)
            return []

    def _record(self, one: Found) -> Record:
        return unusable(one) if isinstance(one, UnusableBatch) else read(one, self._ignored_types, self._tags)

    async def _consume(self, records: Sequence[Record], readers: Mapping[TopicPartition, PartitionReader]) -> None:
        begun = time.monotonic()
        async with self._claimant.busy:
            # while this waited a partition may have been claimed anew, because it is another log now
            current = self._claimant.readers
            try:
                await self._processor.process([one for one in records if current.get(one.place) is readers[one.place]])
            except BatchPostponed as reason:
                log.warning("bus.fetched_again", reason=str(reason))
                self._rewind()
            except FenceLostError as lost:
                self._claimant.release(tuple(self._claimant.readers))
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
        await asyncio.sleep(linger_after(time.monotonic() - begun, len(records), most=self._settings.linger_seconds))

    def _rewind(self) -> None:
        """What is read next is where the database stands."""
        for place, position in self._health.positions().items():
            self._claimant.readers[place].rewind(position)

    def _halt(self, reason: str) -> None:
        self.halted = reason
        metrics.HALTED.set(1)
        log.critical("bus.halted", reason=reason)
        self._claimant.stop()
        self._claimant.release(tuple(self._claimant.readers))
