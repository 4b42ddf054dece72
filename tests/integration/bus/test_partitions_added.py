"""Somebody adds partitions to a topic of outsiders while services run: keys move, and the contract says twelve."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.partitioner import murmur2

from shared.bus.topics import create
from shared.contracts import topics
from tests.integration.bus.asking import SOON, act, stop, until_done
from tests.integration.bus.conftest import TYPE, Toy
from tests.integration.bus.topics_changed import Topics

MORE = 16


def lies_in(key: str, partitions: int) -> int:
    """Where an ordinary client puts a key."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


@pytest.fixture
async def widened(toy: Toy, administrator: Topics) -> Toy:
    """A toy that runs in two processes when the topic of actions gets four more partitions; made anew afterwards."""
    for _ in range(2):
        toy.start(**SOON)
    await act(toy, 0, 24)
    await until_done(toy, *range(24))
    await administrator.widen(topics.ACTION, MORE)
    while len(await toy.producer.partitions_for(topics.ACTION.name)) < MORE:
        await toy.producer.client.force_metadata_update()
    return toy


@pytest.fixture(autouse=True)
async def _twelve_again(toy: Toy, administrator: Topics) -> object:
    yield
    stop(toy)
    await administrator.drop(topics.ACTION)
    await administrator.make()


async def test_what_is_in_the_new_partitions_is_done_once(widened: Toy) -> None:
    """It is noticed within seconds; every action is done once, of keys that moved and of those that stayed."""
    moved = [n for n in range(100, 200) if lies_in(widened.ticket(n), MORE) != lies_in(widened.ticket(n), 12)]
    assert moved
    for number in range(100, 200):
        await widened.act(widened.ticket(number), f"{widened.run}/{number}")
    assert await widened.end_of(topics.ACTION.name, MORE - 1)
    await until_done(widened, *range(24), *range(100, 200))
    widened.start(**SOON)  # and a rebalance on top
    await act(widened, 300, 24)
    await until_done(widened, *range(300, 324))
    assert set((await widened.counts()).values()) == {1}
    fences = await widened.database.fetchval("select count(*) from routing.consumer_offset where part >= 12")
    assert fences == MORE - topics.PARTITIONS


async def test_a_key_that_moved_keeps_its_order_once_its_old_partition_is_read(widened: Toy) -> None:
    """What was said before the move and is done lies before what is said after it."""
    number = next(n for n in range(1000) if lies_in(widened.ticket(n), 12) != lies_in(widened.ticket(n), MORE) > 11)
    key = widened.ticket(number)
    place = lies_in(key, topics.PARTITIONS)
    before, after = [f"{widened.run}/b{n}" for n in range(20)], [f"{widened.run}/a{n}" for n in range(20)]
    for name in before:
        await widened.act(key, name, partition=place)
    await widened.until_counted(24 + 20)
    for name in after:
        await widened.act(key, name, partition=lies_in(key, MORE))
    await widened.until_counted(24 + 40)
    order = [name for name in await widened.order_of(key) if name != f"{widened.run}/{number}"]
    assert order == [*before, *after]


async def test_a_bad_record_in_a_new_partition_is_a_letter_and_holds_up_nobody(widened: Toy) -> None:
    """The topic of letters has twelve: the letter lies in one of them and names where the record lay."""
    place = TopicPartition(topics.ACTION.name, MORE - 1)
    sent = await widened.producer.send_and_wait(place.topic, b"{", b"k", partition=place.partition, headers=[TYPE])
    await act(widened, 400, 24)
    await until_done(widened, *range(400, 424))
    await widened.until_outbox_is_empty()
    letters = [
        dict(one.headers) for one in await widened.said(topics.dead_letter_topic(place.topic, "routing"), of="k")
    ]
    origins = {(one["dlq_partition"], one["dlq_offset"]) for one in letters}
    assert (str(place.partition).encode(), str(sent.offset).encode()) in origins


async def test_the_job_that_makes_topics_says_it_and_does_its_work(widened: Toy, administrator: Topics) -> None:
    """Nobody can take partitions away again: an installation that has too many can still be brought up."""
    servers = widened.environment["KAFKA_BOOTSTRAP_SERVERS"]
    await asyncio.sleep(1)
    said = await create(servers)
    assert any(topics.ACTION.name in line and "16" in line for line in said)
