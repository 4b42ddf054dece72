"""Tickets that have timers, in a database of their own."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from shared.bus.transactions import Transactions
from tests.integration.own_database import own_transactions

TICKET = "insert into ticket (ticket_id, ticket_no, tier, clocks) values ($1, 'T-1', 'standard', '{}')"
PAST = datetime(2020, 11, 2, 8, tzinfo=UTC)


@pytest.fixture
async def transactions(servers: dict[str, str]) -> AsyncIterator[Transactions]:
    """Those of a service that has timers."""
    async with own_transactions(servers["DATABASE_URL"], "sla") as (transactions, _):
        yield transactions


async def a_ticket(transactions: Transactions) -> uuid.UUID:
    """A ticket without timers."""
    ticket_id = uuid.uuid4()
    await transactions.pool.execute(TICKET, ticket_id)
    return ticket_id
