"""Asks the brokers for what comes next in each partition: one question at a time to each of them.

A question that fails costs nothing, for no position moves before its answer is there. But one question is for many
partitions, so that after a failure each of them is asked for alone, until it is known whose fault it was.
"""

import asyncio
import functools
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import structlog
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, OffsetOutOfRangeError, for_code
from aiokafka.protocol.fetch import FetchRequest

from shared.bus.reading import Fetched, PartitionReader
from shared.contracts.topics import MAX_RECORD_BYTES
from shared.failures import for_log
from shared.retry import backoff_seconds
from shared.telemetry import metrics

WAIT_MILLISECONDS: Final = 100
"""How long a broker that has nothing new waits for something before it says so."""

HALTED_SECONDS: Final = 10.0
"""How often a halted partition is tried: its disk may have been mended."""

READ_UNCOMMITTED: Final = 0
"""Every record counts from the moment it lies in the log: no writer's open transaction holds anybody up."""

_SOMEBODY_ELSE: Final = -1

log = structlog.get_logger()


class Fetcher:
    """Feeds readers. ``ask`` as often as you like; ``arrived`` is set whenever an answer, or a failure, came."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self.client = client
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._suspects: set[TopicPartition] = set()
        self._not_before: dict[TopicPartition, float] = {}
        self._failures: dict[int, int] = {}
        self._resting: dict[int, float] = {}
        self.arrived = asyncio.Event()

    async def close(self) -> None:
        """Takes back what was asked."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        await self.client.close()

    def ask(self, readers: Iterable[PartitionReader]) -> None:
        """Asks for what the hungry ones of them want next, each broker that is not being asked already."""
        now, everybody = time.monotonic(), [*readers]
        by_leader: dict[int, list[PartitionReader]] = defaultdict(list)
        for reader in everybody:
            if reader.is_hungry and not reader.is_lost and self._not_before.get(reader.place, 0.0) <= now:
                leader = self.client.cluster.leader_for_partition(reader.place)
                by_leader[_SOMEBODY_ELSE if leader is None else leader].append(reader)
        for leader, wanted in by_leader.items():
            if leader == _SOMEBODY_ELSE:
                self._look_for_leaders(wanted)
            elif leader not in self._asking and self._resting.get(leader, 0.0) <= now:
                together = self._together(wanted)
                # who is asked for alone keeps the others waiting, unless there are none
                wait = 0 if len(together) == 1 < len(everybody) else WAIT_MILLISECONDS
                task = asyncio.create_task(self._ask(leader, together, wait), name=f"fetch from {leader}")
                self._asking[leader] = task
                task.add_done_callback(functools.partial(self._answered, leader))

    def _together(self, readers: list[PartitionReader]) -> list[PartitionReader]:
        """Those that are asked for in one question: all, or one that is suspected of having spoilt the last."""
        suspects = [
            reader for reader in readers if reader.place in self._suspects or (reader.trouble and reader.trouble.tries)
        ]
        if suspects:
            return [random.choice(suspects)]  # noqa: S311 - any order will do
        return random.sample(readers, len(readers))  # a broker fills its answer in the order of the question

    async def _ask(self, leader: int, readers: list[PartitionReader], wait: int) -> None:
        offsets = {reader.place: reader.next for reader in readers}
        by_topic: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for place, offset in offsets.items():
            by_topic[place.topic].append((place.partition, offset, MAX_RECORD_BYTES))
        question = FetchRequest(wait, 1, MAX_RECORD_BYTES, READ_UNCOMMITTED, list(by_topic.items()))
        try:
            response = await self.client.send(leader, question)
            by_place = {reader.place: reader for reader in readers}
            for topic, partitions in response.topics:
                for partition, code, end, _, start, *_, data in partitions:
                    reader = by_place[TopicPartition(topic, partition)]
                    self._note(reader, code, Fetched(offsets[reader.place], data or b"", start, end))
        except Exception as error:
            self._failed(leader, readers, error)
        else:
            self._failures.pop(leader, None)

    def _note(self, reader: PartitionReader, code: int, answer: Fetched) -> None:
        self._suspects.discard(reader.place)
        error = for_code(code)
        if not code:
            reader.take(answer)
        elif answer.offset != reader.next:
            return
        elif error is OffsetOutOfRangeError:
            reader.is_lost = True
        else:
            metrics.FETCH_FAILURES.labels(error.__name__).inc()
            log.warning("bus.fetch_failed", place=str(reader.place), error=error.__name__)
            reader.fail(error.__name__, counts=not (error.retriable or error.invalid_metadata))
            if error.invalid_metadata:
                self.client.force_metadata_update()
        self._wait_after(reader)

    def _failed(self, leader: int, readers: list[PartitionReader], error: Exception) -> None:
        metrics.FETCH_FAILURES.labels(type(error).__name__).inc()
        passes = isinstance(error, KafkaError) and error.retriable
        failures = self._failures[leader] = self._failures.get(leader, -1) + 1
        self._resting[leader] = time.monotonic() + backoff_seconds(failures)
        report = log.warning if passes else log.exception
        report("bus.fetch_failed", broker=leader, partitions=len(readers), error=for_log(error))
        if passes:
            self.client.force_metadata_update()
        elif len(readers) > 1:
            self._suspects.update(reader.place for reader in readers)
        else:
            readers[0].fail(for_log(error))
            self._suspects.discard(readers[0].place)
            self._wait_after(readers[0])

    def _wait_after(self, reader: PartitionReader) -> None:
        if reader.trouble is None:
            self._not_before.pop(reader.place, None)
        else:
            seconds = HALTED_SECONDS if reader.is_halted else backoff_seconds(reader.trouble.tries, first=0.1)
            self._not_before[reader.place] = time.monotonic() + seconds

    def _look_for_leaders(self, readers: Iterable[PartitionReader]) -> None:
        later = time.monotonic() + backoff_seconds(3)
        for reader in readers:
            reader.fail("no broker leads it", counts=False)
            self._not_before[reader.place] = later
        self.client.force_metadata_update()

    def _answered(self, leader: int, _: asyncio.Task[None]) -> None:
        del self._asking[leader]
        self.arrived.set()
