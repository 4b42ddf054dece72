"""Timers of sla: each fires once, whoever claims it, and a ticket that cannot be acted on makes no other late."""

import asyncio

from shared.contracts.tickets import TicketAnswered, TicketBreached, TicketEscalated, TicketWarned
from tests.integration.sla.conftest import DUE, Replica, about, opened

LOST = "update ticket set clocks = jsonb_set(clocks, '{terms,calendar}', '\"lost@0\"') where ticket_id = $1::text::uuid"
WARN = """
update ticket set clocks = jsonb_set(clocks, '{clocks,0,warn_at}', to_jsonb(now() - interval '1 minute'))
"""
LOCK = "select from ticket where ticket_id = $1::text::uuid for update"
TIMERS = "select kind from timer where ticket_id = $1::text::uuid order by kind"
BREACHES = "select ticket_id::text, due_at > now() from timer where kind = 'breach:first_answer'"


async def test_a_warning_and_a_breach_are_each_published_once(sla: Replica) -> None:
    """What is due is said when its timer fires, and a further round says nothing again."""
    ticket = opened()
    await sla.handle(ticket)
    await sla.transactions.pool.execute(WARN)
    await sla.transactions.pool.execute(DUE)
    await sla.fire()
    assert [event.clock for event in sla.published(TicketWarned)] == ["first_answer"]
    await sla.break_first_answers(ticket)
    for _ in range(2):
        await sla.fire()
    assert [event.clock for event in sla.published(TicketBreached)] == ["first_answer"]
    assert [event.team for event in sla.published(TicketEscalated)] == ["supervisor"]


async def test_a_timer_that_fired_too_early_is_set_again(sla: Replica) -> None:
    """A row that is due before its clock is leads to nothing, and stands there again for its time."""
    ticket = opened()
    await sla.handle(ticket)
    await sla.transactions.pool.execute(DUE)
    await sla.fire()
    assert sla.published(TicketBreached) == []
    assert await sla.rows("select kind from timer where due_at > now() order by kind") == [
        ("breach:first_answer",),
        ("warn:first_answer",),
    ]


async def test_two_processes_fire_each_timer_once_between_them(sla: Replica, twin: Replica) -> None:
    """However many processes look for due timers at the same moment, every promise breaks aloud exactly once."""
    tickets = [opened() for _ in range(30)]
    await sla.handle(*tickets)
    await sla.break_first_answers(*tickets)
    await asyncio.gather(*(replica.fire() for replica in (sla, twin, sla, twin)))
    await sla.fire()
    breached = [event.ticket_id for event in sla.published(TicketBreached)]
    assert sorted(breached) == sorted(ticket.ticket_id for ticket in tickets)


async def test_a_ticket_somebody_works_on_is_left_until_they_are_done(sla: Replica) -> None:
    """The timers of a locked ticket wait for no lock and hold up no other ticket; they fire in a later round."""
    held, free = opened(), opened()
    await sla.handle(held, free)
    await sla.break_first_answers(held, free)
    async with sla.transactions.pool.acquire() as connection, connection.transaction():
        await connection.execute(LOCK, held.ticket_id)
        await sla.fire()
        assert [event.ticket_id for event in sla.published(TicketBreached)] == [free.ticket_id]
    await sla.fire()
    assert [event.ticket_id for event in sla.published(TicketBreached)] == [free.ticket_id, held.ticket_id]


async def test_an_answer_takes_its_timers_away(sla: Replica) -> None:
    """What was answered in time has no row that could fire."""
    ticket = opened()
    await sla.handle(ticket)
    assert await sla.rows(TIMERS, ticket.ticket_id) == [("breach:first_answer",), ("warn:first_answer",)]
    await sla.handle(about(ticket, TicketAnswered, by={"kind": "agent", "id": "a-1"}))
    assert await sla.rows(TIMERS, ticket.ticket_id) == []


async def test_a_ticket_nobody_can_act_on_is_put_off_by_itself(sla: Replica) -> None:
    """A ticket whose calendar is lost is put off; every other promise of the round breaks in time."""
    tickets = [opened() for _ in range(20)]
    await sla.handle(*tickets)
    await sla.break_first_answers(*tickets)
    await sla.transactions.pool.execute(LOST, tickets[7].ticket_id)
    await sla.fire()
    assert len({event.ticket_id for event in sla.published(TicketBreached)}) == 19
    assert await sla.rows(BREACHES) == [(tickets[7].ticket_id, True)]
