"""A deletion nobody told of: all of a partition was read anew, and somebody known did not come."""

from aiokafka import TopicPartition

from shared.bus.reference_keys import tombstone
from shared.contracts import topics
from tests.integration.notify.conftest import Notify


async def test_members_end_as_by_their_tombstone(notify: Notify) -> None:
    """What the bus makes up ends a member with every address, as the tombstone would have."""
    await notify.member("m-1", phone="+8613900000000")
    await notify.hear(tombstone(TopicPartition(topics.MEMBER.name, 3), b"m-1"))
    assert await notify.transactions.pool.fetchval("select count(*) from member") == 0
