"""A ticket from opened to closed, over the real database."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest

from services.routing.loops.upkeep import upkeep
from services.routing.store.agents import lock_agents, save_loads
from shared.bus.record import Record
from shared.contracts.tickets import TicketAmended, TicketMerged
from shared.security.sealing import Sealer
from shared.telemetry import metrics
from tests.integration.routing.conftest import REPLAYED, Routing


async def test_assigned_by_skill(routing: Routing) -> None:
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


async def test_a_newer_version_has_added_columns(routing: Routing) -> None:
    """In a rolling update the old processes go on working with the new columns, also on connections that were open."""
    await routing.agent("a-1")
    before = await routing.ticket()
    async with routing.ground.transaction() as work:
        await work.connection.execute("alter table ticket add column newer text")
        await work.connection.execute("alter table agent add column newer text")
    await routing.act(before, "accept", "agent:a-1")
    await routing.act(before, "resolve", "agent:a-1")
    after = await routing.ticket()
    assert routing.said(before)[-2:] == ["accepted", "resolved"]
    assert routing.said(after) == ["queued", "assigned"]
    assert routing.refusals() == []


async def test_whole_life(routing: Routing) -> None:
    """Every step an agent takes is said once and in order, and at the end the agent is free again."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    await routing.act(ticket, "accept", "agent:a-1")
    await routing.act(ticket, "answer", "agent:a-1", text="正在核实")
    await routing.act(ticket, "wait", "agent:a-1", on="supplier")
    await routing.act(ticket, "resume", "agent:a-1")
    assert await load(routing, "a-1") == 1
    await routing.act(ticket, "resolve", "agent:a-1", text="已退款", reason="refunded")
    assert await load(routing, "a-1") == 0
    await routing.act(ticket, "close", "member:m-1")
    assert routing.said(ticket) == [
        *("queued", "assigned", "accepted", "answered", "waiting", "resumed", "resolved", "closed"),
    ]
    assert routing.refusals() == []


async def test_same_action_twice(routing: Routing) -> None:
    """A repeated action changes nothing, in the same batch or later, whether it was done or refused."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    accept = routing.action(ticket, "accept", "agent:a-1")
    await routing.hear(accept, accept)
    await routing.hear(accept)
    wrong = routing.action(ticket, "decline", "agent:a-1")
    await routing.hear(wrong)
    await routing.hear(wrong)
    assert routing.said(ticket).count("accepted") == 1
    assert [code for code, _ in routing.refusals()] == ["wrong_state"]


async def test_replayed_refusal(routing: Routing) -> None:
    """A refused action that is replayed from the dead letters is judged anew."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    resolve = routing.action(ticket, "resolve", "agent:a-1")
    await routing.hear(resolve)
    await routing.act(ticket, "accept", "agent:a-1")
    await routing.hear(_with_header(resolve, REPLAYED))
    assert routing.said(ticket)[-1] == "resolved"
    assert await routing.value("select outcome from action where kind = 'resolve'") == "applied"


async def test_timeout(routing: Routing) -> None:
    """A reservation nobody accepts comes back and goes to somebody else."""
    await routing.agent("a-1", skills={"refund": 5})
    await routing.agent("a-2", skills={"refund": 1})
    ticket = await routing.ticket()
    await overdue(routing)
    await routing.match()
    declined, queued, assigned = routing.events(ticket)[2:]
    assert (declined.agent_id, declined.cause) == ("a-1", "timeout")
    assert queued.reason == "accept_timeout"
    assert (assigned.agent_id, assigned.attempt) == ("a-2", 2)
    assert (await load(routing, "a-1"), await load(routing, "a-2")) == (0, 1)


async def test_accepted_in_time(routing: Routing) -> None:
    """Accepting ends the accept timer."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    await routing.act(ticket, "accept", "agent:a-1")
    assert await routing.value("select count(*) from timer") == 0


async def test_alone(routing: Routing) -> None:
    """The only agent there is is asked again, but not at once."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    await routing.act(ticket, "decline", "agent:a-1")
    await routing.match()
    assert routing.said(ticket)[-1] == "queued"
    await routing.sql("update ticket set passed = jsonb_build_object('a-1', now() - interval '6 seconds')")
    await routing.match()
    assert routing.said(ticket)[-1] == "assigned"


async def test_offline_agent(routing: Routing) -> None:
    """Reservations of an agent who goes offline come back at once, accepted tickets after a while."""
    await routing.agent("a-1", capacity=2)
    reserved, accepted = await routing.ticket(), await routing.ticket()
    await routing.act(accepted, "accept", "agent:a-1")
    await routing.agent("a-1", version=2, capacity=2, presence="offline")
    await routing.time_outs()
    assert routing.said(reserved)[-2:] == ["declined", "queued"]
    assert routing.said(accepted)[-1] == "accepted"
    await routing.sql("update agent set absent_since = now() - interval '1 day'")
    await routing.time_outs()
    assert routing.said(accepted)[-2:] == ["declined", "queued"]
    assert routing.events(accepted)[-2].cause == "offline"
    assert await load(routing, "a-1") == 0


async def test_deleted_agent(routing: Routing) -> None:
    """Everything a deleted agent holds comes back, and then the agent is forgotten."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    await routing.act(ticket, "accept", "agent:a-1")
    await routing.act(ticket, "wait", "agent:a-1", on="member")
    await routing.agent_gone("a-1")
    await routing.time_outs()
    assert routing.said(ticket)[-3:] == ["resumed", "declined", "queued"]
    await routing.time_outs()
    assert await routing.value("select count(*) from agent") == 0


async def test_older_version(routing: Routing) -> None:
    """An older version of an agent changes nothing; one that is no older counts, for not every platform numbers."""
    await routing.agent("a-1", version=5, capacity=3)
    await routing.agent("a-1", version=4, capacity=9)
    assert await routing.value("select capacity from agent") == 3
    await routing.agent("a-1", version=5, capacity=7)
    assert await routing.value("select capacity from agent") == 7


async def test_capacity_lowered(routing: Routing) -> None:
    """An agent whose capacity falls below the load keeps the tickets and gets no more until there is room."""
    await routing.agent("a-1", capacity=3)
    tickets = [await routing.ticket() for _ in range(3)]
    await routing.agent("a-1", version=2, capacity=1)
    waiting = await routing.ticket()
    for ticket in tickets:
        assert routing.said(waiting) == ["queued"]
        await routing.act(ticket, "close", "member:m-1")
        await routing.match()
    assert routing.said(waiting) == ["queued", "assigned"]


async def test_last_line(routing: Routing) -> None:
    """Were the matching wrong, the database would refuse to give an agent more than they can hold."""
    await routing.agent("a-1", capacity=1)
    await routing.ticket()
    async with routing.ground.transaction() as work:
        full = (await lock_agents(work.connection, ["a-1"]))["a-1"]
        with pytest.raises(asyncpg.CheckViolationError):
            async with work.connection.transaction():
                await save_loads(work.connection, [replace(full, load=2)])


async def test_unreadable_kept_action(routing: Routing) -> None:
    """A kept action whose key was thrown away is lost, but not the ticket it waited for."""
    ticket = str(uuid.uuid4())
    await routing.act(ticket, "close", "member:m-1")
    routing.sealer = Sealer([b"n" * 32])
    await routing.tell(routing.opened(ticket))
    assert routing.said(ticket) == ["queued"]


async def test_advisor(routing: Routing) -> None:
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


async def test_escalation(routing: Routing) -> None:
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
    assert (await load(routing, "a-1"), await load(routing, "s-1")) == (1, 1)
    await routing.act(left, "acknowledge", "agent:s-1")
    assert routing.events(left)[-1].team == "supervisor"


async def test_message_of_the_member(routing: Routing) -> None:
    """A message resumes a ticket that waits for the member, and reopens a resolved one, with the same agent."""
    await routing.agent("a-1")
    await routing.agent("a-2")
    opened = routing.opened()
    ticket = await routing.ticket(opened.ticket_id)
    agent = f"agent:{routing.events(ticket)[-1].agent_id}"
    await routing.act(ticket, "accept", agent)
    await routing.act(ticket, "wait", agent, on="member")
    message = routing.about(opened, TicketAmended, contact_id="c-2", order_no="G1", urgency="critical")
    await routing.tell(message)
    assert routing.said(ticket)[-1] == "resumed"
    assert await routing.value("select (order_no, urgency, state)::text from ticket") == "(G1,critical,accepted)"
    await routing.act(ticket, "resolve", agent)
    await routing.tell(message)
    reopened, assigned = routing.events(ticket)[-2:]
    assert reopened.cause == "member_message"
    assert (f"agent:{assigned.agent_id}", assigned.reason.rule) == (agent, "same_agent")


async def test_merged(routing: Routing) -> None:
    """A merged ticket frees its agent, and an action on it is told where it went on."""
    await routing.agent("a-1")
    opened = routing.opened()
    await routing.ticket(opened.ticket_id)
    into = str(uuid.uuid4())
    await routing.tell(routing.about(opened, TicketMerged, into=into))
    assert (await load(routing, "a-1"), await routing.value("select count(*) from timer")) == (0, 0)
    await routing.act(opened.ticket_id, "accept", "agent:a-1")
    code, message = routing.refusals()[0]
    assert code == "wrong_state"
    assert into in message


async def test_action_before_its_ticket(routing: Routing) -> None:
    """An action that overtook its ticket is carried out when the ticket comes, before any later one."""
    ticket = str(uuid.uuid4())
    await routing.act(ticket, "resolve", "supervisor:s", text="电话 13900000000 已联系")
    sealed: bytes = await routing.value("select sealed from pending_action")
    assert b"13900000000" not in sealed
    await routing.tell(routing.opened(ticket))
    assert routing.said(ticket) == ["queued", "resolved"]
    assert await routing.value("select count(*) from pending_action") == 0


async def test_action_let_slip(routing: Routing) -> None:
    """A kept action whose ticket was opened by a batch that did not see it is carried out by the loop."""
    await routing.agent("a-1")
    ticket = str(uuid.uuid4())
    await routing.act(ticket, "close", "member:m-1")
    await routing.sql("create table hidden as select * from pending_action")
    await routing.sql("delete from pending_action")
    await routing.ticket(ticket)
    await routing.sql("insert into pending_action overriding system value select * from hidden")
    await routing.kept_actions()
    assert routing.said(ticket) == ["queued", "assigned", "closed"]
    assert await load(routing, "a-1") == 0


async def test_ticket_that_never_comes(routing: Routing) -> None:
    """An action on a ticket that does not come is refused with a reason once its time is over."""
    await routing.act(str(uuid.uuid4()), "close", "member:m-1")
    await routing.kept_actions()
    assert routing.refusals() == []
    await routing.sql("update pending_action set keep_until = now()")
    await routing.kept_actions()
    assert [code for code, _ in routing.refusals()] == ["unknown_ticket"]
    assert await routing.value("select outcome from action") == "refused"


async def test_no_ticket_id(routing: Routing) -> None:
    """An action that names no ticket id is refused at once."""
    await routing.act("T-1", "close", "member:m-1")
    assert [code for code, _ in routing.refusals()] == ["bad_ticket_id"]


async def test_closes_by_itself(routing: Routing) -> None:
    """A resolved ticket closes when its time is over, and not when it was reopened meanwhile."""
    await routing.agent("a-1", capacity=2)
    closed, reopened = await routing.ticket(), await routing.ticket()
    for ticket in (closed, reopened):
        await routing.act(ticket, "accept", "agent:a-1")
        await routing.act(ticket, "resolve", "agent:a-1")
    await routing.act(reopened, "reopen", "member:m-1", reason="没有到账")
    await routing.sql("update ticket set close_due = now() - interval '1 second' where close_due is not null")
    await routing.sql("update timer set due_at = now() - interval '1 second' where kind = 'close'")
    await routing.time_outs()
    assert routing.said(closed)[-1] == "closed"
    assert routing.said(reopened)[-2:] == ["reopened", "assigned"]


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
    await upkeep(routing.ground)
    assert next(iter(metrics.LOAD_DRIFT.collect())).samples[0].value == 0


async def test_hidden_behind_others(routing: Routing) -> None:
    """A ticket somebody could take is found behind more tickets than a round looks at that nobody can take."""
    await routing.agent("a-1", tiers=["gold"])
    blocked = [routing.opened() for _ in range(60)]
    await routing.tell(*blocked)
    await routing.sql("update ticket set try_at = now()")
    ticket = await routing.ticket(tier="gold", at=datetime(2199, 1, 1, tzinfo=UTC))
    assert routing.said(ticket) == ["queued", "assigned"]


async def load(routing: Routing, agent_id: str) -> int:
    """The load of an agent."""
    return int(await routing.value("select load from agent where agent_id = $1", agent_id))


async def overdue(routing: Routing) -> None:
    """All accept timers are due."""
    await routing.sql("update ticket set accept_due = now() - interval '1 second' where accept_due is not null")
    await routing.sql("update timer set due_at = now() - interval '1 second'")
    await routing.time_outs()


def _with_header(record: Record, header: tuple[str, bytes]) -> Record:
    return Record(
        record.topic,
        record.partition,
        record.offset + 1000,
        record.key,
        record.value,
        (*record.headers, header),
        record.timestamp,
        record.envelope,
        record.event,
        record.error,
    )
