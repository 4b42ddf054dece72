"""Timers are rows: set, moved, cancelled and claimed, whichever service keeps them."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from shared.bus.transactions import Transactions
from shared.timers.timers import (
    Timer,
    cancel_timers,
    change_timers,
    claim_due,
    claim_due_of,
    put_off,
    set_timers,
)
from tests.integration.timers.conftest import PAST, a_ticket

ROWS = "select kind, due_at from timer where ticket_id = $1 order by kind"
WRITTEN_BY = "select kind, xmin::text as writer from timer where ticket_id = $1"
FUTURE = datetime(2190, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def rows(transactions: Transactions, ticket_id: uuid.UUID) -> dict[str, datetime]:
    return {row["kind"]: row["due_at"] for row in await transactions.pool.fetch(ROWS, ticket_id)}


async def writers(transactions: Transactions, ticket_id: uuid.UUID) -> dict[str, str]:
    return {row["kind"]: row["writer"] for row in await transactions.pool.fetch(WRITTEN_BY, ticket_id)}


async def test_setting_a_timer_again_moves_it(transactions: Transactions) -> None:
    """A ticket has one timer of a kind, and of several in one call the last one counts."""
    ticket_id = await a_ticket(transactions)
    async with transactions.begin() as work:
        await set_timers(work.connection, [Timer(ticket_id, "warn", PAST), Timer(ticket_id, "climb", PAST)])
        await set_timers(work.connection, [Timer(ticket_id, "warn", PAST), Timer(ticket_id, "warn", FUTURE)])
    assert await rows(transactions, ticket_id) == {"warn": FUTURE, "climb": PAST}


async def test_cancelling_what_is_not_there_is_no_matter(transactions: Transactions) -> None:
    """The timers named go, those of other kinds and tickets stay."""
    ticket_id, other = await a_ticket(transactions), await a_ticket(transactions)
    async with transactions.begin() as work:
        timers = [Timer(ticket_id, "warn", PAST), Timer(ticket_id, "climb", PAST), Timer(other, "warn", PAST)]
        await set_timers(work.connection, timers)
        await cancel_timers(work.connection, [(ticket_id, "warn"), (ticket_id, "warn"), (ticket_id, "breach")])
    assert await rows(transactions, ticket_id) == {"climb": PAST}
    assert await rows(transactions, other) == {"warn": PAST}


async def test_only_what_differs_is_written(transactions: Transactions) -> None:
    """A timer that stays is not touched, one that moved is moved, one that is over goes, a new one is set."""
    ticket_id = await a_ticket(transactions)
    had = {"stays": FUTURE, "moves": FUTURE, "over": FUTURE}
    wanted = {"stays": FUTURE, "moves": FUTURE + MINUTE, "new": FUTURE}
    async with transactions.begin() as work:
        await change_timers(work.connection, [(ticket_id, {}, had)])
    written = await writers(transactions, ticket_id)
    async with transactions.begin() as work:
        await change_timers(work.connection, [(ticket_id, had, wanted)])
    assert await rows(transactions, ticket_id) == wanted
    again = await writers(transactions, ticket_id)
    assert {kind for kind in again if again[kind] == written.get(kind)} == {"stays"}


async def test_what_is_due_is_claimed_in_the_order_of_its_times(transactions: Transactions) -> None:
    """Claimed timers have no row any more, those of later stay, and what they carry comes along."""
    first, second = await a_ticket(transactions), await a_ticket(transactions)
    timers = [
        Timer(second, "warn", PAST + MINUTE, {"level": 2}),
        Timer(first, "breach", PAST + 2 * MINUTE),
        Timer(first, "warn", PAST),
        Timer(first, "climb", FUTURE),
    ]
    async with transactions.begin() as work:
        await set_timers(work.connection, timers)
        assert await claim_due(work.connection, 10) == [timers[2], timers[0], timers[1]]
        assert await claim_due(work.connection, 10) == []
    assert await rows(transactions, first) == {"climb": FUTURE}


async def test_a_claim_that_is_rolled_back_claimed_nothing(transactions: Transactions) -> None:
    """A process that dies in the middle leaves its timers to another."""
    ticket_id = await a_ticket(transactions)
    async with transactions.begin() as work:
        await set_timers(work.connection, [Timer(ticket_id, "warn", PAST)])

    async def dying() -> None:
        async with transactions.begin() as work:
            assert len(await claim_due(work.connection, 10)) == 1
            raise KeyError

    with pytest.raises(KeyError):
        await dying()
    assert await rows(transactions, ticket_id) == {"warn": PAST}


async def test_no_two_claims_are_of_one_ticket(transactions: Transactions) -> None:
    """While somebody acts on a ticket's timers, its other timers are claimed by nobody, together or alone."""
    ticket_id, other = await a_ticket(transactions), await a_ticket(transactions)
    async with transactions.begin() as work:
        await set_timers(work.connection, [Timer(ticket_id, "warn", PAST), Timer(other, "warn", PAST + MINUTE)])
    async with transactions.begin() as work, transactions.begin() as meanwhile:
        assert [timer.ticket_id for timer in await claim_due_of(work.connection, ticket_id)] == [ticket_id]
        assert await claim_due_of(meanwhile.connection, ticket_id) == []
        assert [timer.ticket_id for timer in await claim_due(meanwhile.connection, 10)] == [other]


async def test_what_is_put_off_is_due_again_later(transactions: Transactions) -> None:
    """Only what is due moves, and by the clock of the database."""
    ticket_id = await a_ticket(transactions)
    async with transactions.begin() as work:
        await set_timers(work.connection, [Timer(ticket_id, "warn", PAST), Timer(ticket_id, "climb", FUTURE)])
        await put_off(work.connection, ticket_id, 600)
        now = work.now
    kept = await rows(transactions, ticket_id)
    assert kept["climb"] == FUTURE
    assert timedelta(minutes=9) < kept["warn"] - now < timedelta(minutes=11)


def test_a_timer_set_for_another_moment_is_another_cause() -> None:
    """What follows from a timer derives its ids from ticket, kind and due time: the same row gives the same ids."""
    ticket_id = uuid.UUID(int=7)
    timer = Timer(ticket_id, "warn", PAST)
    assert timer.cause == Timer(ticket_id, "warn", PAST, {"level": 1}).cause
    others = {Timer(ticket_id, "warn", FUTURE).cause, Timer(ticket_id, "climb", PAST).cause}
    assert timer.cause not in others
    assert len(others) == 2
