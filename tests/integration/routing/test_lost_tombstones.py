"""A deletion nobody told of: all of a partition was read anew, and somebody known did not come."""

from aiokafka import TopicPartition

from shared.bus.reference_keys import tombstone
from shared.contracts import topics
from tests.integration.routing.conftest import Routing


async def test_agents_and_advisors_end(routing: Routing) -> None:
    """What the bus makes up takes an agent's tickets away, and a member's advisor, as the tombstone would have."""
    await routing.agent("a-1")
    await routing.member("m-1", tier="enterprise", advisor_agent_id="a-1")
    ticket = await routing.ticket()
    assert routing.said(ticket)[-1] == "assigned"
    await routing.hear(tombstone(TopicPartition(topics.AGENT.name, 3), b"a-1"))
    await routing.hear(tombstone(TopicPartition(topics.MEMBER.name, 3), b"m-1"))
    await routing.time_outs()
    assert routing.said(ticket)[-1] == "queued"
    assert await routing.value("select count(*) from member") == 0
