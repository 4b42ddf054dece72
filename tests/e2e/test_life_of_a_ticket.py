"""The life of a ticket through every action of the contract, and what is refused."""

import asyncio
from typing import Any

from tests.e2e.outside import ACTION_LETTERS, Outside


async def _assigned_ticket(outside: Outside, **contact: Any) -> tuple[str, str, str]:
    """A member's ticket that is reserved for an agent of this test alone: ticket, agent, member."""
    member, agent = outside.name("M"), outside.name("A")
    phone = await outside.member(member, tier="enterprise", advisor_agent_id=agent)
    await outside.agent(agent, tiers=["enterprise"])
    await asyncio.sleep(1.5)
    sent = await outside.send_contact(channel="phone", sender={"kind": "phone", "value": phone}, **contact)
    ticket_id = (await outside.opened(sent))["ticket_id"]
    assigned = await outside.of(ticket_id, "assigned")
    assert assigned.value["agent_id"] == agent
    assert assigned.value["lane"] == "advisor"
    return ticket_id, agent, member


async def test_a_ticket_lives_through_every_action(outside: Outside) -> None:
    """Accept, answer, wait, resume, correct, resolve, reopen, appeal, acknowledge, transfer, decline and close work."""
    ticket, agent, member = await _assigned_ticket(outside)
    supervisor = await outside.agent(outside.name("S"), team="supervisor", presence="away")
    await outside.act(ticket, "accept", f"agent:{agent}")
    assert (await outside.of(ticket, "accepted")).value["agent_id"] == agent
    await outside.act(ticket, "answer", f"agent:{agent}", text="您好,正在核实到账情况")
    answered = (await outside.of(ticket, "answered")).value
    assert answered["by"] == {"kind": "agent", "id": agent}
    assert answered["text"] == "您好,正在核实到账情况"
    await outside.act(ticket, "wait", f"agent:{agent}", on="member")
    assert (await outside.of(ticket, "waiting")).value["on"] == "member"
    await outside.act(ticket, "resume", f"agent:{agent}")
    await outside.of(ticket, "resumed")
    await outside.act(ticket, "correct_type", f"agent:{agent}", to="delivery_issue")
    assert (await outside.of(ticket, "corrected")).value["problem_type"] == "delivery_issue"
    await outside.act(ticket, "resolve", f"agent:{agent}", text="已补发到账", reason="resent")
    await outside.of(ticket, "resolved")
    await outside.act(ticket, "reopen", f"member:{member}", reason="还是没有")
    await outside.of(ticket, "reopened")
    await outside.act(ticket, "appeal", f"member:{member}", reason="处理太慢")
    escalated = (await outside.of(ticket, "escalated")).value
    assert (escalated["level"], escalated["team"], escalated["cause"]) == (1, "supervisor", "appeal")
    await outside.act(ticket, "acknowledge", f"supervisor:{supervisor}")
    await outside.of(ticket, "acknowledged")
    await outside.act(ticket, "transfer", f"supervisor:{supervisor}", to="refund")
    queued = await outside.hear("queued", lambda value: value["ticket_id"] == ticket and value["queue"] == "refund")
    await outside.hear("assigned", lambda value: value["ticket_id"] == ticket and value["queue"] == "refund")
    holder = [one for one in outside.heard if one.verb == "assigned" and one.value["ticket_id"] == ticket][-1]
    assert outside.heard.index(holder) > outside.heard.index(queued)
    await outside.act(ticket, "decline", f"agent:{holder.value['agent_id']}", reason="不是我的专长")
    assert (await outside.of(ticket, "declined")).value["cause"] == "declined"
    await outside.act(ticket, "close", f"member:{member}")
    await outside.of(ticket, "closed")


async def test_the_same_action_twice_has_one_effect(outside: Outside) -> None:
    """A repeat of an action_id changes nothing."""
    ticket, agent, _ = await _assigned_ticket(outside)
    await outside.act(ticket, "accept", f"agent:{agent}")
    action = await outside.act(ticket, "answer", f"agent:{agent}", text="您好")
    await outside.act(ticket, "answer", f"agent:{agent}", text="您好", action_id=action)
    await outside.act(ticket, "wait", f"agent:{agent}", on="supplier")
    await outside.of(ticket, "waiting")
    assert outside.story(ticket).count("answered") == 1


async def test_what_is_not_allowed_is_refused_with_a_reason(outside: Outside) -> None:
    """The wrong agent, a missing field, an unknown kind and a wrong state are dead letters that say what is wrong."""
    ticket, agent, _ = await _assigned_ticket(outside)
    await outside.act(ticket, "accept", "agent:somebody-else")
    await outside.act(ticket, "answer", f"agent:{agent}", text="too early: not accepted yet")
    await outside.act(ticket, "levitate", f"agent:{agent}")
    await outside.act(ticket, "accept", f"agent:{agent}")
    await outside.act(ticket, "wait", f"agent:{agent}")
    await outside.letter(ACTION_LETTERS, ticket, count=4)
    letters = [one for one in outside.heard if one.topic == ACTION_LETTERS and one.record.key == ticket.encode()]
    told = [(one.headers["dlq_exception"] or b"").decode() for one in letters]
    assert told[0] == "wrong_actor"
    assert told[2] == "unknown_action"
    for letter in letters:
        assert len((letter.headers["dlq_message"] or b"").decode()) > 20
    await outside.of(ticket, "accepted")
    assert "answered" not in outside.story(ticket)
    assert "waiting" not in outside.story(ticket)
