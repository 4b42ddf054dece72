"""Figures for whoever watches."""

from services.routing.store.agents import drifted
from services.routing.store.queue import waiting_by_queue
from shared.bus.transactions import Transactions
from shared.telemetry import metrics


async def upkeep(transactions: Transactions) -> bool:
    """One round."""
    async with transactions.begin() as work:
        waiting = await waiting_by_queue(work.connection)
        metrics.LOAD_DRIFT.set(await drifted(work.connection))
    metrics.QUEUED_TICKETS.clear()
    metrics.QUEUED_OLDEST_SECONDS.clear()
    for queue, (tickets, oldest) in waiting.items():
        metrics.QUEUED_TICKETS.labels(queue).set(tickets)
        metrics.QUEUED_OLDEST_SECONDS.labels(queue).set(oldest)
    return False
