"""Agents who are late, away, gone or full: what they hold, and what they are given."""

from dataclasses import replace

import asyncpg
import pytest

from services.routing.store.agents import lock_agents, save_loads
from tests.integration.routing.conftest import Routing


async def test_a_reservation_nobody_accepts_goes_to_somebody_else(routing: Routing) -> None:
    """A reservation nobody accepts comes back and goes to somebody else."""
    await routing.agent("a-1", skills={"refund": 5})
    await routing.agent("a-2", skills={"refund": 1})
    ticket = await routing.ticket()
    await routing.overdue()
    await routing.match()
    declined, queued, assigned = routing.events(ticket)[2:]
    assert (declined.agent_id, declined.cause) == ("a-1", "timeout")
    assert queued.reason == "accept_timeout"
    assert (assigned.agent_id, assigned.attempt) == ("a-2", 2)
    assert (await routing.load("a-1"), await routing.load("a-2")) == (0, 1)


async def test_accepting_ends_the_accept_timer(routing: Routing) -> None:
    """Accepting ends the accept timer."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    await routing.act(ticket, "accept", "agent:a-1")
    assert await routing.value("select count(*) from timer") == 0


async def test_the_only_agent_is_asked_again_but_not_at_once(routing: Routing) -> None:
    """The only agent there is is asked again, but not at once."""
    await routing.agent("a-1")
    ticket = await routing.ticket()
    await routing.act(ticket, "decline", "agent:a-1")
    await routing.match()
    assert routing.said(ticket)[-1] == "queued"
    await routing.sql("update ticket set passed = jsonb_build_object('a-1', now() - interval '6 seconds')")
    await routing.match()
    assert routing.said(ticket)[-1] == "assigned"


async def test_what_an_agent_held_who_went_offline_comes_back(routing: Routing) -> None:
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
    assert await routing.load("a-1") == 0


async def test_what_a_deleted_agent_held_comes_back(routing: Routing) -> None:
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


async def test_an_older_version_of_an_agent_changes_nothing(routing: Routing) -> None:
    """An older version of an agent changes nothing; one that is no older counts, for not every platform numbers."""
    await routing.agent("a-1", version=5, capacity=3)
    await routing.agent("a-1", version=4, capacity=9)
    assert await routing.value("select capacity from agent") == 3
    await routing.agent("a-1", version=5, capacity=7)
    assert await routing.value("select capacity from agent") == 7


async def test_an_agent_above_a_lowered_capacity_keeps_what_they_have(routing: Routing) -> None:
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


async def test_the_database_refuses_more_than_an_agent_can_hold(routing: Routing) -> None:
    """Were the matching wrong, the database would refuse to give an agent more than they can hold."""
    await routing.agent("a-1", capacity=1)
    await routing.ticket()
    async with routing.transactions.begin() as work:
        full = (await lock_agents(work.connection, ["a-1"]))["a-1"]
        with pytest.raises(asyncpg.CheckViolationError):
            async with work.connection.transaction():
                await save_loads(work.connection, [replace(full, load=2)])
