"""Which agent a ticket goes to, and when, with other replicas at work on the same queue."""

import asyncio
from datetime import UTC, datetime

from services.routing.loops.upkeep import upkeep
from shared.telemetry import metrics
from tests.integration.routing.conftest import Routing


async def test_a_ticket_goes_to_who_knows_its_type_best(routing: Routing) -> None:
    """A ticket is queued by its problem type and goes to the agent who knows it best."""
    await routing.agent("a-1", skills={"refund": 1})
    await routing.agent("a-2", skills={"refund": 4})
    await routing.agent("a-3", skills={"dispute": 5})
    ticket = await routing.ticket()
    queued, assigned = routing.events(ticket)
    assert (queued.queue, queued.reason) == ("refund", "new")
    assert (assigned.agent_id, assigned.lane, assigned.attempt) == ("a-2", "normal", 1)
    assert (assigned.reason.rule, assigned.reason.candidates) == ("skill", 2)
    assert 3500 < assigned.reason.slack_seconds <= 3600


async def test_an_enterprise_member_goes_to_their_advisor_first(routing: Routing) -> None:
    """An enterprise member goes to the dedicated advisor, is waited with a little, and then goes to anybody."""
    await routing.agent("advisor", team="frontline", skills={"dispute": 1})
    await routing.agent("other", skills={"refund": 5})
    await routing.member("m-1", tier="enterprise", advisor_agent_id="advisor")
    first = await routing.ticket(tier="enterprise")
    assigned = routing.events(first)[-1]
    assert (assigned.agent_id, assigned.lane, assigned.reason.rule) == ("advisor", "advisor", "dedicated_advisor")
    second = await routing.ticket(tier="enterprise")
    assert routing.said(second) == ["queued"]
    await routing.sql("update ticket set queued_at = queued_at - interval '2 minutes'")
    await routing.match()
    assert (routing.events(second)[-1].agent_id, routing.events(second)[-1].lane) == ("other", "normal")


async def test_an_escalated_ticket_leaves_when_somebody_of_the_team_is_free(routing: Routing) -> None:
    """An escalated ticket leaves its agent for the team when somebody of it is free, and only then."""
    await routing.agent("a-1", capacity=2)
    left, kept = await routing.ticket(), await routing.ticket()
    await routing.act(kept, "accept", "agent:a-1")
    await routing.escalate(kept)
    assert routing.said(kept)[-1] == "accepted"
    await routing.agent("s-1", team="supervisor", skills={"dispute": 5})
    await routing.escalate(left)
    await routing.match()
    queued, assigned = routing.events(left)[-2:]
    assert (queued.queue, queued.reason) == ("supervisor", "escalated")
    assert (assigned.agent_id, assigned.lane, assigned.reason.rule) == ("s-1", "escalation", "escalation_team")
    assert (await routing.load("a-1"), await routing.load("s-1")) == (1, 1)
    await routing.act(left, "acknowledge", "agent:s-1")
    assert routing.events(left)[-1].team == "supervisor"


async def test_fresh_ticket_waits_for_its_promise(routing: Routing) -> None:
    """Without a promise a fresh ticket waits a moment, and is then given away all the same."""
    await routing.agent("a-1")
    opened = routing.opened()
    await routing.tell(opened)
    await routing.match()
    assert routing.said(opened.ticket_id) == ["queued"]
    await asyncio.sleep(0.55)
    await routing.match()
    assert routing.events(opened.ticket_id)[-1].reason.slack_seconds is None


async def test_replicas_side_by_side(routing: Routing) -> None:
    """Rounds of matching at the same time give every ticket once and nobody more than they can hold."""
    for number in range(12):
        await routing.agent(f"a-{number}", capacity=5)
    opened = [routing.opened() for _ in range(80)]
    await routing.tell(*opened)
    await routing.sql("update ticket set try_at = now()")
    await asyncio.gather(*(routing.match() for _ in range(4)))
    await routing.match()
    assigned = [event.agent_id for one in opened for event in routing.events(one.ticket_id)[1:]]
    assert len(assigned) == 60
    assert all(assigned.count(f"a-{number}") == 5 for number in range(12))
    await upkeep(routing.transactions)
    assert next(iter(metrics.LOAD_DRIFT.collect())).samples[0].value == 0


async def test_a_ticket_behind_many_nobody_can_take_is_found(routing: Routing) -> None:
    """A ticket somebody could take is found behind more tickets than a round looks at that nobody can take."""
    await routing.agent("a-1", tiers=["gold"])
    blocked = [routing.opened() for _ in range(60)]
    await routing.tell(*blocked)
    await routing.sql("update ticket set try_at = now()")
    ticket = await routing.ticket(tier="gold", at=datetime(2199, 1, 1, tzinfo=UTC))
    assert routing.said(ticket) == ["queued", "assigned"]
