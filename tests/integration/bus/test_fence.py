"""Who may move a position, and only forwards."""

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from shared.bus.errors import FenceLostError
from shared.bus.fence import Fence
from shared.bus.record import read
from shared.contracts import topics
from tests.integration.bus.conftest import Toy

PLACE = TopicPartition(topics.ACTION.name, 3)


async def test_a_batch_that_outlived_its_claim_does_not_move_the_position_back(toy: Toy) -> None:
    """A partition that went to another process and came back, further on, is closed to the batch from before."""
    await toy.database.execute("set search_path to routing; truncate consumer_offset")
    ours, theirs = Fence("ours"), Fence("theirs")
    ours.acquire(await ours.claim(toy.database, {PLACE: 10}))
    batch = [read(ConsumerRecord(PLACE.topic, 3, 10, 1, 0, b"k", b"{}", None, 1, 2, ()))]
    ours.release([PLACE])
    theirs.acquire(await theirs.claim(toy.database, {PLACE: 0}))
    later = [read(ConsumerRecord(PLACE.topic, 3, 40, 1, 0, b"k", b"{}", None, 1, 2, ()))]
    theirs.committed(await theirs.advance(toy.database, later))
    ours.acquire(await ours.claim(toy.database, {PLACE: 0}))
    with pytest.raises(FenceLostError, match="in between"):
        await ours.advance(toy.database, batch)
    assert await toy.database.fetchval("select next_off from consumer_offset") == 41
