"""Clocks live in their rows: whatever batch, transaction or process goes on with them."""

import json
import uuid

import pytest
from asyncpg import UniqueViolationError

from services.sla.domain.clock_state import to_json
from services.sla.store.tickets import Ticket, load_tickets, save_tickets
from shared.contracts.tickets import TicketAmended, TicketAnswered, TicketPromised, TicketResolved, TicketWaiting
from tests.integration.sla.conftest import Replica, about, opened

BY = {"kind": "agent", "id": "a-1"}
CLOCKS = "select clocks from ticket where ticket_id = $1::text::uuid"


async def test_a_ticket_is_read_as_it_was_saved(sla: Replica) -> None:
    """Everything of a row comes back; member and tier follow, the number of a ticket never changes."""
    ticket = opened()
    await sla.handle(ticket)
    ticket_id = uuid.UUID(ticket.ticket_id)
    async with sla.transactions.begin() as work:
        loaded = (await load_tickets(work.connection, [ticket_id, uuid.uuid4()]))[ticket_id]
        await save_tickets(work.connection, [Ticket(ticket_id, "T-2", None, "gold", loaded.clocks)])
        again = await load_tickets(work.connection, [ticket_id])
    assert again == {ticket_id: Ticket(ticket_id, "T-1", None, "gold", loaded.clocks)}


async def test_clocks_go_on_across_batches_and_processes(sla: Replica, twin: Replica) -> None:
    """Opened, answered and written to again in three batches of two processes is as in one batch of one."""
    ticket, together = opened(), opened()
    await sla.handle(ticket)
    await twin.handle(about(ticket, TicketAnswered, by=BY))
    await sla.handle(about(ticket, TicketAmended, contact_id="c-2", channel="chat"))
    answered = about(together, TicketAnswered, by=BY)
    await sla.handle(together, answered, about(together, TicketAmended, contact_id="c-2", channel="chat"))
    kinds = [
        await sla.rows("select kind from timer where ticket_id = $1::text::uuid order by kind", one.ticket_id)
        for one in (ticket, together)
    ]
    assert kinds[0] == kinds[1] == [("breach:next_answer",), ("warn:next_answer",)]
    promised = [event.ticket_id for event in sla.published(TicketPromised)]
    assert [promised.count(one.ticket_id) for one in (ticket, together)] == [2, 2]


async def test_an_opening_that_comes_again_promises_nothing_again(sla: Replica) -> None:
    """A replayed opening leaves the clocks as they are by now."""
    ticket = opened()
    await sla.handle(ticket, about(ticket, TicketResolved, by=BY, how="refunded"))
    before = await sla.rows(CLOCKS, ticket.ticket_id)
    await sla.handle(ticket)
    assert await sla.rows(CLOCKS, ticket.ticket_id) == before
    assert len(sla.published(TicketPromised)) == 1


async def test_a_ticket_whose_opening_never_came_is_no_matter(sla: Replica) -> None:
    """Nobody knows what it was promised, so nothing is kept of it and nothing is said."""
    await sla.handle(about(opened(), TicketWaiting, on="member"))
    assert await sla.rows("select from ticket") == []
    assert sla.kept.published == []


async def test_an_id_that_is_none_is_a_dead_letter(sla: Replica) -> None:
    """An event whose ticket_id is no UUID is refused with its reason, and the rest of its batch is handled."""
    ticket = opened()
    await sla.handle(opened(ticket_id="T-1"), ticket)
    assert sla.dead_letters() == ["bad_ticket_id"]
    assert [event.ticket_id for event in sla.published(TicketPromised)] == [ticket.ticket_id]


async def test_a_batch_that_fails_leaves_nothing(sla: Replica) -> None:
    """No clock, no timer and no event of a transaction that was rolled back can be seen by anybody."""

    async def failing() -> None:
        async with sla.transactions.begin() as work:
            await sla.handle_in(work, opened())
            raise UniqueViolationError

    with pytest.raises(UniqueViolationError):
        await failing()
    assert await sla.rows("select ticket_id from ticket union select ticket_id from timer") == []
    assert sla.kept.published == []


async def test_a_row_says_all_there_is_to_say(sla: Replica) -> None:
    """The document in the database is the whole state, so that any process can go on with it."""
    ticket = opened()
    await sla.handle(ticket)
    ((document,),) = await sla.rows(CLOCKS, ticket.ticket_id)
    async with sla.transactions.begin() as work:
        loaded = await load_tickets(work.connection, [uuid.UUID(ticket.ticket_id)])
    assert json.loads(to_json(loaded[uuid.UUID(ticket.ticket_id)].clocks)) == document
