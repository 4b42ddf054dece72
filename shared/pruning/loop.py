"""The loop of a service that deletes what is old: a batch a transaction, at once again while there is more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.bus.transactions import Transactions
from shared.pruning.tickets import EndedTickets
from shared.runtime.loop import Loop
from shared.telemetry import metrics

MOST: Final = 5000
SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class AgedRows:
    """Rows that are deleted by age alone. ``delete``: the statement; $1 is the moment before which, $2 how many."""

    table: str
    days: float
    delete: str


def pruning(service: str, tickets: EndedTickets, aged: Sequence[AgedRows] = ()) -> Loop:
    """Deletes ended tickets and aged rows of a service."""

    async def step(transactions: Transactions) -> bool:
        more = False
        for rows in aged:
            async with transactions.begin() as work:
                status = await work.connection.execute(rows.delete, work.now - timedelta(days=rows.days), MOST)
            count = int(status.rpartition(" ")[2])
            metrics.PRUNED_ROWS.labels(rows.table).inc(count)
            more |= count == MOST
        async with transactions.begin() as work:
            return await tickets.prune(work) or more

    return Loop(f"{service}.pruning", step, SECONDS)
