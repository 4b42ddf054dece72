"""A deletion nobody told of: all of a partition was read anew, and somebody known did not come."""

from aiokafka import TopicPartition

from shared.bus.reference_keys import tombstone
from shared.contracts import topics
from tests.integration.intake.conftest import Intake


async def test_members_and_orders_end(intake: Intake) -> None:
    """What the bus makes up ends a member with every address, and an order, as the tombstone would have."""
    await intake.hear(intake.member("M1", "13900000000"), intake.member("M2"), intake.order("KA1", "M2"))
    await intake.hear(
        tombstone(TopicPartition(topics.MEMBER.name, 3), b"M1"), tombstone(TopicPartition(topics.ORDER.name, 3), b"KA1")
    )
    assert [row["member_id"] for row in await intake.pool.fetch("select member_id from member")] == ["M2"]
    assert await intake.pool.fetchval("select count(*) from handle") == 0
    assert await intake.pool.fetchval("select count(*) from platform_order") == 0
