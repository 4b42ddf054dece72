"""The poll against a log that answers with batches dropped, torn, spoilt, and errors, and a batch that fails."""

import asyncio
import random
import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import retry as retrying
from shared.bus import fetching
from shared.bus.consumer import BusConsumer
from shared.bus.endurance import BatchPostponed
from shared.bus.fence import Advance, Claim, Fence
from shared.bus.fetching import Fetcher
from shared.bus.record import Record
from shared.contracts import topics
from shared.settings import BusSettings
from tests.log_in_memory import LogInMemory, a_batch, a_marker

PLACES = [TopicPartition(topics.ACTION.name, number) for number in range(3)]
FRAME = struct.Struct(">qi")
BASE_BYTES = 8

Disturbance = Callable[[bytes, random.Random], bytes]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (retrying, fetching):
        monkeypatch.setattr(module, "backoff_seconds", lambda *_, **__: 0.0)
    monkeypatch.setattr(fetching, "HALTED_SECONDS", 0.0)


def batches_of(data: bytes) -> Iterator[bytes]:
    """The whole batches in an answer."""
    at = 0
    while at < len(data):
        end = at + FRAME.size + FRAME.unpack_from(data, at)[1]
        yield data[at:end]
        at = end


def drop_some(data: bytes, chance: random.Random) -> bytes:
    """Any of its batches are missing."""
    return b"".join(batch for batch in batches_of(data) if chance.random() < 0.7)


def tear(data: bytes, chance: random.Random) -> bytes:
    """It ends anywhere."""
    return data[: chance.randrange(len(data) + 1)]


def spoil(data: bytes, chance: random.Random) -> bytes:
    """A bit of a batch is another: of its length, its checksum, or what the checksum covers."""
    spoilt = bytearray(data)
    starts = [0]
    for batch in batches_of(data):
        starts.append(starts[-1] + len(batch))
    at = chance.randrange(len(data))
    if all(not start <= at < start + BASE_BYTES for start in starts) and not any(12 <= at - s < 16 for s in starts):
        spoilt[at] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def refuse(_: bytes, __: random.Random) -> bytes:
    """The broker went away."""
    raise KafkaConnectionError("gone")


def break_down(_: bytes, __: random.Random) -> bytes:
    """What nobody has thought of."""
    raise ZeroDivisionError("in somebody's library")


def say_nothing(_: bytes, __: random.Random) -> bytes:
    """Others filled the answer."""
    return b""


DISTURBANCES: list[Disturbance] = [drop_some, tear, spoil, refuse, break_down, say_nothing]


class FlakyBatch:
    """Stands in for the processor: does all, a part, or nothing, and fails as one does, or puts the rest off."""

    def __init__(self, fence: Fence, chance: random.Random) -> None:
        self._fence = fence
        self._chance = chance
        self.handled: defaultdict[TopicPartition, list[int]] = defaultdict(list)
        self.progressed_at = 0.0
        self.stop_retrying = asyncio.Event()
        self._put_off: set[TopicPartition] = set()

    def is_put_off(self, place: TopicPartition) -> bool:
        if place in self._put_off and self._chance.random() < 0.3:
            self._put_off.remove(place)
        return place in self._put_off

    async def process(self, records: Sequence[Record]) -> None:
        mine = self._fence.mine(records)
        done = mine[: self._chance.choice([0, len(mine) // 2, len(mine), len(mine), len(mine)])]
        for record in done:
            self.handled[record.place].append(record.offset)
        if done:
            ends = {record.place: record.offset + 1 for record in done}
            self._fence.committed(Advance(datetime.now(UTC), ends))
        if len(done) < len(mine):
            self._put_off = {record.place for record in mine[len(done) :]}
            if failure := self._chance.choice([BatchPostponed("later"), OSError("the database is away"), None]):
                self._put_off.clear()
                raise failure


def a_consumer(fence: Fence, processor: Any) -> BusConsumer:
    """The poll alone: nobody else is in the group, nothing is in a database."""
    nothing: Any = SimpleNamespace(service="routing")
    fatal: list[str] = []
    settings = BusSettings(servers="none", max_records=7, linger_seconds=0)
    consumer = BusConsumer(
        nothing, fence, processor, settings, topics=[topics.ACTION], group="test", on_fatal=fatal.append
    )
    consumer._claimant._take_up({place: Claim(1, 0) for place in PLACES}, {})
    return consumer


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), trouble=st.sampled_from([0.0, 0.2, 0.6]))
def test_every_record_is_handled_once_and_in_order(seed: int, trouble: float) -> None:
    """Whatever becomes of answers and of batches, the offsets handled are those that were written."""
    asyncio.run(_read_all(random.Random(seed), trouble))


async def _read_all(chance: random.Random, trouble: float) -> None:
    log, written = LogInMemory(), defaultdict[TopicPartition, list[int]](list)
    for _ in range(chance.randrange(1, 30)):
        place = chance.choice(PLACES)
        if chance.random() < 0.2:
            log.append(place, a_marker())
            continue
        count = chance.randrange(1, 12)
        batch = a_batch([(b"k", b"{}", [("a", b"b")])] * count, codec=chance.choice([0, 0, 1, 2, 3, 4]))
        base = log.append(place, batch)
        written[place] += range(base, base + count)
    calm: list[int] = [0]

    def disturb(data: bytes) -> bytes:
        # the same batch is never dropped twice running: that would be a hole
        if not data or calm[0] > 0 or chance.random() > trouble:
            calm[0] -= 1
            return data
        calm[0] = len(PLACES)
        return chance.choice(DISTURBANCES)(data, chance)

    log.disturb = disturb
    fence = Fence("test")
    processor = FlakyBatch(fence, chance)
    consumer, fetcher = a_consumer(fence, processor), Fetcher(log)
    for _ in range(5000):
        try:
            await consumer._round(fetcher)
        except Exception:
            consumer._rewind()
        if log.is_read and not consumer.lag():
            break
    await fetcher.close()
    assert consumer.halted is None
    assert dict(processor.handled) == {place: offsets for place, offsets in written.items() if offsets}
