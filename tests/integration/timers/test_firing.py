"""Acting on due timers: together when that goes, each ticket by itself when it does not."""

import uuid
from collections.abc import Sequence

import asyncpg
import pytest

from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.timers.firing import fire_due
from shared.timers.timers import Timer, set_timers
from tests.integration.timers.conftest import PAST, a_ticket

LEFT = "select ticket_id, due_at > now() as later from timer"


class Acting:
    """Acts on timers; what it did with a transaction that failed does not count."""

    def __init__(self, unbearable: Exception, *tickets: uuid.UUID) -> None:
        self.rounds: list[list[uuid.UUID]] = []
        self._unbearable, self._tickets = unbearable, tickets

    async def __call__(self, work: UnitOfWork, timers: Sequence[Timer]) -> None:
        tickets = [timer.ticket_id for timer in timers]
        if set(tickets) & set(self._tickets):
            raise self._unbearable
        self.rounds.append(tickets)


async def due_tickets(transactions: Transactions, count: int) -> list[uuid.UUID]:
    tickets = [await a_ticket(transactions) for _ in range(count)]
    async with transactions.begin() as work:
        await set_timers(work.connection, [Timer(ticket_id, "warn", PAST) for ticket_id in tickets])
    return tickets


async def test_a_full_round_says_that_there_may_be_more(transactions: Transactions) -> None:
    """As many as asked for are acted on in one transaction, and the rest in the next round."""
    tickets = await due_tickets(transactions, 3)
    acting = Acting(ValueError())
    assert await fire_due(transactions, 2, acting)
    assert not await fire_due(transactions, 2, acting)
    assert [len(done) for done in acting.rounds] == [2, 1]
    assert sorted(ticket for done in acting.rounds for ticket in done) == sorted(tickets)


async def test_nothing_due_is_nothing_to_act_on(transactions: Transactions) -> None:
    """Nobody is called for an empty round."""
    acting = Acting(ValueError())
    assert not await fire_due(transactions, 2, acting)
    assert acting.rounds == []


async def test_one_that_cannot_be_acted_on_is_put_off_alone(transactions: Transactions) -> None:
    """The others of its round are acted on in time, each in a transaction of its own."""
    tickets = await due_tickets(transactions, 4)
    acting = Acting(ValueError("nobody knows its calendar"), tickets[1])
    await fire_due(transactions, 10, acting)
    assert sorted(acting.rounds) == sorted([ticket] for ticket in tickets if ticket != tickets[1])
    assert [tuple(row) for row in await transactions.pool.fetch(LEFT)] == [(tickets[1], True)]


async def test_a_database_that_is_away_puts_nothing_off(transactions: Transactions) -> None:
    """What is no fault of any ticket is raised for the loop to wait, and every timer is still due."""
    tickets = await due_tickets(transactions, 2)
    with pytest.raises(asyncpg.CannotConnectNowError):
        await fire_due(transactions, 10, Acting(asyncpg.CannotConnectNowError(), *tickets))
    assert sorted(tuple(row) for row in await transactions.pool.fetch(LEFT)) == sorted((one, False) for one in tickets)
