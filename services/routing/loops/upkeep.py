"""Figures for whoever watches, and forgetting what nobody asks for again."""

from typing import Final

from services.routing.store.actions import forget_actions
from services.routing.store.agents import drifted
from services.routing.store.queue import waiting_by_queue
from shared.bus.batch import Ground
from shared.telemetry import metrics

REMEMBERED_DAYS: Final = 30


async def upkeep(ground: Ground) -> bool:
    """One round."""
    async with ground.transaction() as work:
        waiting = await waiting_by_queue(work.connection)
        metrics.LOAD_DRIFT.set(await drifted(work.connection))
        await forget_actions(work.connection, REMEMBERED_DAYS)
    metrics.QUEUED_TICKETS.clear()
    metrics.QUEUED_OLDEST_SECONDS.clear()
    for queue, (tickets, oldest) in waiting.items():
        metrics.QUEUED_TICKETS.labels(queue).set(tickets)
        metrics.QUEUED_OLDEST_SECONDS.labels(queue).set(oldest)
    return False
