"""The loop that erases: a batch a transaction, so that it goes on after a death, and replicas take turns.

It comes back for an hour: what was under way when the order came may still bring the member up again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import asyncpg
import structlog

from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.ids import earliest_id
from shared.runtime.loop import Loop

DUE: Final = """
select request_id, member_id, addresses, asked_at, clean_at, erased from erasure
where member_id is not null and again_at <= now() order by again_at limit 1 for update skip locked
"""
NOTE: Final = """
update erasure set erased = $2, clean_at = coalesce(clean_at, case when $3 then now() end),
    again_at = case when $3 then now() + interval '1 minute' else now() end,
    member_id = case when $4 then null else member_id end, addresses = case when $4 then '{}' else addresses end
where request_id = $1
"""
MOST: Final = 2000
AGAIN_FOR: Final = timedelta(hours=1)
SECONDS: Final = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Erase:
    """One statement that erases at most $2 rows of a member, $1. It changes only rows it has not changed before.

    ``also``: what follows as $3: ``addresses``, the moment ``asked`` for, or the ``first_id`` of that moment.
    """

    table: str
    statement: str
    also: str = ""


def erasing(service: str, erases: Sequence[Erase]) -> Loop:
    """The loop of a service, with its statements in the order in which they must be carried out."""

    async def step(transactions: Transactions) -> bool:
        async with transactions.begin() as work:
            order = await work.connection.fetchrow(DUE)
            if order is None:
                return False
            await _carry_out(work, order, erases)
        return True

    return Loop(f"{service}.erasure", step, SECONDS)


async def _carry_out(work: UnitOfWork, order: asyncpg.Record, erases: Sequence[Erase]) -> None:
    erased: Counter[str] = Counter(order["erased"])
    given: dict[str, Any] = {
        "addresses": order["addresses"],
        "asked": order["asked_at"],
        "first_id": earliest_id(order["asked_at"]),
    }
    clean = True
    for one in erases:
        also = (given[one.also],) if one.also else ()
        status = await work.connection.execute(one.statement, order["member_id"], MOST, *also)
        count = int(status.rpartition(" ")[2])
        erased[one.table] += count
        clean &= count == 0
        if count == MOST:  # what comes after may need what is left of this
            break
    over = clean and work.now - order["asked_at"] >= AGAIN_FOR
    await work.connection.execute(NOTE, order["request_id"], dict(erased), clean, over)
    if clean and order["clean_at"] is None:
        work.after_commit(lambda: log.info("member.forgotten", request=order["request_id"], erased=dict(erased)))
