"""A ticket from opened to closed, over the real database."""

import base64
import secrets
import uuid
from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord

from cli.resealing.walking import reseal_service
from services.routing.use_cases.vouching import Vouching
from shared.bus.record import Record, read
from shared.contracts.actions import Actor
from shared.contracts.tickets import TicketAmended, TicketMerged
from shared.security.action_tokens import ACTION_TOKEN, ActionSignatures, ActionTokens
from shared.security.sealing import Sealer
from tests.integration.rotation import reseal_with
from tests.integration.routing.conftest import REPLAYED, Routing


async def test_a_newer_version_has_added_columns(routing: Routing) -> None:
    """In a rolling update the old processes go on working with the new columns, also on connections that were open."""
    await routing.agent("a-1")
    before = await routing.ticket()
    async with routing.transactions.begin() as work:
        await work.connection.execute("alter table ticket add column newer text")
        await work.connection.execute("alter table agent add column newer text")
    await routing.act(before, "accept", "agent:a-1")
    await routing.act(before, "resolve", "agent:a-1")
    after = await routing.ticket()
    assert routing.said(before)[-2:] == ["accepted", "resolved"]
    assert routing.said(after) == ["queued", "assigned"]
    assert routing.refusals() == []


async def test_every_step_is_said_once_and_the_agent_is_free_again(routing: Routing) -> None:
    """Every step an agent takes is said once and in order, and at the end the agent is free again."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    await routing.act(ticket, "accept", "agent:a-1")
    await routing.act(ticket, "answer", "agent:a-1", text="正在核实")
    await routing.act(ticket, "wait", "agent:a-1", on="supplier")
    await routing.act(ticket, "resume", "agent:a-1")
    assert await routing.load("a-1") == 1
    await routing.act(ticket, "resolve", "agent:a-1", text="已退款", reason="refunded")
    assert await routing.load("a-1") == 0
    await routing.act(ticket, "close", "member:m-1")
    assert routing.said(ticket) == [
        *("queued", "assigned", "accepted", "answered", "waiting", "resumed", "resolved", "closed"),
    ]
    assert routing.refusals() == []


async def test_the_same_action_twice_changes_nothing(routing: Routing) -> None:
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


async def test_an_id_used_for_two_things(routing: Routing) -> None:
    """One sender's action_id used again for something else is refused with a reason, in the same batch or later."""
    await routing.agent("a-1", capacity=3)
    first, second = await routing.ticket(), await routing.ticket()
    await routing.hear(
        routing.action(first, "accept", "agent:a-1", action_id="1"),
        routing.action(second, "accept", "agent:a-1", action_id="1"),
    )
    await routing.act(first, "decline", "agent:a-1", action_id="1")
    await routing.act(first, "accept", "agent:a-1", action_id="1")
    assert (routing.said(first)[-1], routing.said(second)[-1]) == ("accepted", "assigned")
    assert [code for code, _ in routing.refusals()] == ["id_reused", "id_reused"]


async def test_two_desks_that_count_from_one(routing: Routing) -> None:
    """Different senders may use the same action_id, also while both actions wait for their tickets."""
    await routing.agent("a-1", capacity=3)
    tickets = [str(uuid.uuid4()), str(uuid.uuid4())]
    for ticket, desk in zip(tickets, (b"/desk/1", b"/desk/2"), strict=True):
        accept = routing.action(ticket, "accept", "agent:a-1", action_id="1")
        await routing.hear(sent_by(accept, desk))
    for ticket in tickets:
        await routing.ticket(ticket)
    assert await routing.value("select count(*) from action where outcome = 'pending'") == 0
    assert [code for code, _ in routing.refusals()] == ["wrong_state", "wrong_state"]
    for ticket, desk in zip(tickets, (b"/desk/1", b"/desk/2"), strict=True):
        await routing.hear(sent_by(routing.action(ticket, "accept", "agent:a-1", action_id="2"), desk))
        assert routing.said(ticket)[-1] == "accepted"


async def test_an_action_the_version_before_handled(routing: Routing) -> None:
    """What a version did that kept only the bare id is not done again, and stands in the way of nobody else's id."""
    await routing.agent("a-1", capacity=3)
    first, second = await routing.ticket(), await routing.ticket()
    await routing.act(first, "accept", "agent:a-1", action_id="1")
    note = routing.action(first, "answer", "agent:a-1", action_id="2", text="您好")
    await routing.hear(note)
    await routing.sql("update action set content = null, action_id = split_part(action_id, '/', 2)")
    await routing.hear(note)
    await routing.act(second, "accept", "agent:a-1", action_id="1")
    assert routing.said(first).count("answered") == 1
    assert routing.said(second)[-1] == "accepted"
    assert routing.refusals() == []


def sent_by(record: Record, source: bytes) -> Record:
    """The same record from another sender."""
    headers = [(name, source if name == "ce_source" else value) for name, value in record.headers]
    place = (record.topic, record.partition, record.offset, 0, 0)
    return read(ConsumerRecord(*place, record.key, record.value, None, 0, 0, headers))


async def test_a_replayed_refusal_is_judged_anew(routing: Routing) -> None:
    """A refused action that is replayed from the dead letters is judged anew."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    resolve = routing.action(ticket, "resolve", "agent:a-1")
    await routing.hear(resolve)
    await routing.act(ticket, "accept", "agent:a-1")
    await routing.hear(replace(resolve, offset=resolve.offset + 1000, headers=(*resolve.headers, *REPLAYED)))
    assert routing.said(ticket)[-1] == "resolved"
    assert await routing.value("select outcome from action where kind = 'resolve'") == "applied"


async def test_a_kept_action_without_its_key_holds_up_nobody(routing: Routing) -> None:
    """A kept action whose key is missing holds up nobody, and is carried out when the key is there again."""
    ticket, readable = str(uuid.uuid4()), routing.sealer
    await routing.act(ticket, "close", "member:m-1")
    routing.sealer = Sealer([b"n" * 32], service="routing")
    await routing.tell(routing.opened(ticket))
    await routing.sql("update pending_action set keep_until = now() - interval '1 minute', again_at = null")
    await routing.kept_actions()
    assert routing.said(ticket) == ["queued"]
    assert await routing.value("select outcome from action") == "pending"
    routing.sealer = readable
    await routing.sql("update pending_action set again_at = now()")
    await routing.kept_actions()
    assert routing.said(ticket) == ["queued", "closed"]
    assert await routing.value("select count(*) from pending_action") == 0


async def test_key_of_a_kept_action_retired(
    routing: Routing, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An action that was sealed anew while it waited is carried out without its first key."""
    ticket = str(uuid.uuid4())
    await routing.act(ticket, "close", "member:m-1")
    await reseal_with(monkeypatch, servers, routing.transactions.pool, b"n" * 32, b"k" * 32)
    assert [(one.renewed, one.left) for one in await reseal_service("routing")] == [(1, 0)]
    routing.sealer = Sealer([b"n" * 32], service="routing")
    await routing.tell(routing.opened(ticket))
    assert routing.said(ticket) == ["queued", "closed"]


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


async def test_a_merged_ticket_frees_its_agent(routing: Routing) -> None:
    """A merged ticket frees its agent, and an action on it is told where it went on."""
    await routing.agent("a-1")
    opened = routing.opened()
    await routing.ticket(opened.ticket_id)
    into = str(uuid.uuid4())
    await routing.tell(routing.about(opened, TicketMerged, into=into))
    assert (await routing.load("a-1"), await routing.value("select count(*) from timer")) == (0, 0)
    await routing.act(opened.ticket_id, "accept", "agent:a-1")
    code, message = routing.refusals()[0]
    assert code == "wrong_state"
    assert into in message


async def test_action_before_its_ticket(routing: Routing) -> None:
    """An action that overtook its ticket is carried out when the ticket comes, before any later one."""
    ticket = str(uuid.uuid4())
    await routing.agent("s", team="supervisor", presence="away")
    await routing.act(ticket, "resolve", "supervisor:s", text="电话 13900000000 已联系")
    sealed: bytes = await routing.value("select sealed from pending_action")
    assert b"13900000000" not in sealed
    await routing.tell(routing.opened(ticket))
    assert routing.said(ticket) == ["queued", "resolved"]
    assert await routing.value("select count(*) from pending_action") == 0


async def test_the_loop_carries_out_an_action_a_batch_let_slip(routing: Routing) -> None:
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
    assert await routing.load("a-1") == 0


async def test_ticket_that_never_comes(routing: Routing) -> None:
    """An action on a ticket that does not come is refused with a reason once its time is over."""
    await routing.act(str(uuid.uuid4()), "close", "member:m-1")
    await routing.kept_actions()
    assert routing.refusals() == []
    await routing.sql("update pending_action set keep_until = now()")
    await routing.kept_actions()
    assert [code for code, _ in routing.refusals()] == ["unknown_ticket"]
    assert await routing.value("select outcome from action") == "refused"


async def test_an_action_that_names_no_ticket_id_is_refused(routing: Routing) -> None:
    """An action that names no ticket id is refused at once."""
    await routing.act("T-1", "close", "member:m-1")
    assert [code for code, _ in routing.refusals()] == ["bad_ticket_id"]


async def test_a_resolved_ticket_closes_when_its_time_is_over(routing: Routing) -> None:
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


async def test_who_acts_is_vouched_for(routing: Routing) -> None:
    """Where tokens are required, an action without one and a copied one are refused, and a signed one is obeyed."""
    signatures = ActionSignatures(f"desk={base64.b64encode(secrets.token_bytes(32)).decode()}")
    await routing.agent("a-1")
    ticket = await routing.ticket()
    plain = routing.action(ticket, "accept", "agent:a-1", action_id="one")
    assert plain.envelope is not None
    actor, source = Actor(kind="agent", id="a-1"), plain.envelope.source
    token = (ACTION_TOKEN, signatures.sign("desk", actor, source=source, value=plain.value or b""))
    copied = routing.action(ticket, "accept", "agent:a-1", token, ("ce_source", b"/mallory"), action_id="one")
    signed = routing.action(ticket, "accept", "agent:a-1", token, action_id="one")
    routing.vouching = Vouching(signatures, ActionTokens.REQUIRED)
    await routing.hear(plain, copied)
    assert [code for code, _ in routing.refusals()] == ["not_vouched_for", "not_vouched_for"]
    assert routing.said(ticket)[-1] == "assigned"
    await routing.hear(signed)
    assert routing.said(ticket)[-1] == "accepted"
