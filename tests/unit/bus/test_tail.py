"""Topics read by whoever is in no group, from a log that holds anything and answers as it likes."""

import asyncio
import random
import struct
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.bus import fetching, tail
from shared.bus.raw_batch import RawRecord
from shared.bus.reading import Found, UnusableBatch
from shared.bus.tail import StalledError, Tail
from shared.contracts import topics
from tests.log_in_memory import LogInMemory, a_batch, a_marker
from tests.raw_batches import corpus

PLACES = [TopicPartition(topic.name, number) for topic in (topics.ACTION, topics.ORDER) for number in range(2)]
ACTIONS, ORDERS = PLACES[0], PLACES[2]
AN_HONEST_ONE = a_batch([(b"k", b"{}", [("a", b"b")])])


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "backoff_seconds", lambda *_, **__: 0.0)
    monkeypatch.setattr(fetching, "HALTED_SECONDS", 0.0)


class LogsKnown:
    """Stands in for an `AIOKafkaConsumer` without assignment: it knows where logs lie."""

    def __init__(self, log: LogInMemory) -> None:
        self._client = log

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: self._client.starts.get(place, 0) for place in places}

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: self._client.end_of(place) for place in places}


async def read_all(log: LogInMemory, **starts: int) -> list[Found]:
    """From the beginning to the end of now."""
    consumer: Any = LogsKnown(log)
    reader = Tail(consumer)
    begins = await reader.begins(PLACES)
    begins |= {PLACES[int(name[1:])]: offset for name, offset in starts.items()}
    async with asyncio.timeout(30):
        return [found async for found in reader.read(begins, await reader.ends(PLACES))]


def spoilt(batch: bytes) -> bytes:
    """A batch whose last byte is another on every disk."""
    return batch[:-1] + bytes([batch[-1] ^ 1])


async def test_all_of_the_corpus_is_read_or_named() -> None:
    """Every honest record around what strangers wrote comes, and what cannot be read comes as a place and a reason."""
    log, honest, good = LogInMemory(most=1 << 30), [], 0
    for _, case in corpus(b"k", lambda _: b"{}", [(b"a", b"b")]):
        honest.append(log.append(ACTIONS, AN_HONEST_ONE))
        log.append(ACTIONS, case.batch)
        good += case.good
    honest.append(log.append(ACTIONS, AN_HONEST_ONE))
    found = await read_all(log)
    records = [one.offset for one in found if isinstance(one, RawRecord)]
    assert set(honest) <= set(records)
    assert len(records) >= len(honest) + good
    assert sorted(one.offset for one in found) == [one.offset for one in found]
    codes = {one.reason for one in found if isinstance(one, UnusableBatch)}
    assert codes == {"unreadable", "too_large", "damaged"}


async def test_gaps_markers_and_cursors_are_respected() -> None:
    """Gaps of compaction and markers of transactions are passed, up to an end that is nothing but a marker."""
    log = LogInMemory()
    log.append(ORDERS, AN_HONEST_ONE)
    behind_the_gap = log.append(ORDERS, AN_HONEST_ONE, after=7)
    log.append(ORDERS, a_marker())
    for _ in range(3):
        last = log.append(ACTIONS, AN_HONEST_ONE)
    log.append(ACTIONS, a_marker())
    found = await read_all(log, p0=last)
    assert [(one.topic, one.offset) for one in found if isinstance(one, RawRecord)] == [
        (ACTIONS.topic, last),
        (ORDERS.topic, 0),
        (ORDERS.topic, behind_the_gap),
    ]


async def test_what_is_written_meanwhile_is_not_read() -> None:
    """The end is where it was when reading began."""
    log = LogInMemory()
    log.append(ACTIONS, AN_HONEST_ONE)

    def write(data: bytes) -> bytes:
        log.append(ACTIONS, AN_HONEST_ONE)
        return data

    log.disturb = write
    assert [one.offset for one in await read_all(log)] == [0]


async def test_what_was_deleted_is_passed_over() -> None:
    """A cursor before the beginning of the log goes on at the beginning."""
    log = LogInMemory()
    for _ in range(5):
        log.append(ACTIONS, AN_HONEST_ONE)
    log.starts[ACTIONS] = 3
    assert [one.offset for one in await read_all(log, p0=1)] == [3, 4]


async def test_a_log_that_says_nothing_is_an_error_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the end is not kept for ever, and is told what is in the way if anybody knows."""
    monkeypatch.setattr(tail, "STALLED_SECONDS", 0.3)
    log = LogInMemory()
    log.append(ACTIONS, AN_HONEST_ONE)
    log.disturb = lambda _: b""
    with pytest.raises(StalledError, match="nothing came from 1 partition"):
        await read_all(log)

    def break_down(_: bytes) -> bytes:
        raise ZeroDivisionError("in somebody's library")

    log.disturb = break_down
    with pytest.raises(StalledError, match=r"support.action.v1\[0\]@0: ZeroDivisionError"):
        await read_all(log)


async def test_damage_is_named_and_passed_over() -> None:
    """A batch that no reading mends costs itself alone."""
    log = LogInMemory()
    log.append(ACTIONS, AN_HONEST_ONE)
    damaged = log.append(ACTIONS, spoilt(AN_HONEST_ONE))
    log.append(ACTIONS, AN_HONEST_ONE)
    before, named, behind = await read_all(log)
    assert isinstance(named, UnusableBatch)
    assert (before.offset, named.begin, behind.offset) == (0, damaged, 2)
    assert (named.reason, named.message) == ("damaged", "its checksum is wrong. It was passed over.")


async def test_who_follows_is_told_what_comes_and_no_less() -> None:
    """From a cursor on, through damage, and on to what is written while somebody listens."""
    log = LogInMemory()
    for batch in (AN_HONEST_ONE, spoilt(AN_HONEST_ONE), AN_HONEST_ONE):
        log.append(ACTIONS, batch)
    consumer: Any = LogsKnown(log)
    followed = Tail(consumer).follow({ACTIONS: 0})
    async with asyncio.timeout(30):
        seen = [(await anext(followed)).offset for _ in range(3)]
        log.append(ACTIONS, AN_HONEST_ONE)
        seen.append((await anext(followed)).offset)
    await followed.aclose()
    assert seen == [0, 1, 2, 3]


def drop_first(data: bytes, _: random.Random) -> bytes:
    """The first batch of an answer is missing."""
    return data[12 + struct.unpack_from(">i", data, 8)[0] :] if data else data


def tear(data: bytes, chance: random.Random) -> bytes:
    """It ends anywhere."""
    return data[: chance.randrange(len(data) + 1)]


def refuse(_: bytes, __: random.Random) -> bytes:
    """The broker went away."""
    raise KafkaConnectionError("gone")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_every_record_comes_once_and_in_order_whatever_becomes_of_answers(seed: int) -> None:
    """Answers that are cut, lacking or refused lose nothing and double nothing."""
    asyncio.run(_read_disturbed(random.Random(seed)))


async def _read_disturbed(chance: random.Random) -> None:
    log, written = LogInMemory(most=chance.choice([300, 1 << 20])), defaultdict[TopicPartition, list[int]](list)
    for _ in range(chance.randrange(1, 20)):
        place, count = chance.choice(PLACES[:2]), chance.randrange(1, 5)
        base = log.append(place, a_batch([(b"k", b"{}", [])] * count, codec=chance.choice([0, 1, 4])))
        written[place] += range(base, base + count)
    calm = [0]

    def disturb(data: bytes) -> bytes:
        # the same batch is never dropped twice running: that would be a hole
        calm[0] -= 1
        if not data or calm[0] >= 0 or chance.random() < 0.5:
            return data
        calm[0] = len(PLACES)
        disturbance: Callable[[bytes, random.Random], bytes] = chance.choice([drop_first, tear, refuse])
        return disturbance(data, chance)

    log.disturb = disturb
    found: defaultdict[TopicPartition, list[int]] = defaultdict(list)
    for one in await read_all(log):
        assert isinstance(one, RawRecord)
        found[TopicPartition(one.topic, one.partition)].append(one.offset)
    assert found == written
