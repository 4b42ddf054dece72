"""Acting on due timers: many in one transaction, and one that cannot be acted on holds up no other."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.failures import for_log, is_transient
from shared.telemetry import metrics
from shared.timers.timers import Timer, claim_due, claim_due_of, put_off

PUT_OFF_SECONDS: Final = 60.0

Act = Callable[[UnitOfWork, Sequence[Timer]], Awaitable[None]]
"""Acts on timers, whose tickets are locked, within the transaction of the work."""

log = structlog.get_logger()


async def fire_due(transactions: Transactions, most: int, act: Act) -> bool:
    """Acts on at most so many timers that are due. True: there may be more.

    Where that fails together, each ticket has a transaction of its own, and one that fails by itself is put off for a
    minute: whatever is wrong with it, the others are not late. Raises what is no fault of theirs.
    """
    due: list[Timer] = []
    try:
        async with transactions.begin() as work:
            due = await claim_due(work.connection, most)
            if due:
                await act(work, due)
    except Exception as error:
        if not due or is_transient(error):
            raise
        for ticket_id in dict.fromkeys(timer.ticket_id for timer in due):
            await _fire_alone(transactions, ticket_id, act)
    return len(due) == most


async def _fire_alone(transactions: Transactions, ticket_id: UUID, act: Act) -> None:
    try:
        async with transactions.begin() as work:
            if due := await claim_due_of(work.connection, ticket_id):
                await act(work, due)
    except Exception as error:
        if is_transient(error):
            raise
        metrics.TIMERS_PUT_OFF.inc()
        trace = None if isinstance(error, asyncpg.PostgresError) else error  # a database's message quotes the row
        log.error("timers.put_off", ticket_id=str(ticket_id), error=for_log(error), exc_info=trace)
        async with transactions.pool.acquire() as connection:
            await put_off(connection, ticket_id, PUT_OFF_SECONDS)
