"""What sla hears: the life of tickets, and its own timers."""

from typing import Final
from uuid import UUID

from services.sla.clockwork import HEARD, Clockwork, Rules
from shared.bus.batch import Ground, Handler
from shared.bus.record import Batch, Record
from shared.bus.work import Work
from shared.contracts.tickets import TicketEvent
from shared.timers.loop import Loop
from shared.timers.timers import claim_due

TIMER_BATCH: Final = 500
TIMER_SECONDS: Final = 0.2


def ticket_handler(rules: Rules) -> Handler:
    """Moves the clocks of every ticket of the batch."""

    async def handle(batch: Batch, work: Work) -> None:
        heard = _with_usable_ids(batch, work)
        clockwork = Clockwork(work, rules)
        await clockwork.load({UUID(event.ticket_id) for _, event in heard})
        for record, event in heard:
            clockwork.hear(record, event)
        await clockwork.save()

    return handle


def _with_usable_ids(batch: Batch, work: Work) -> list[tuple[Record, TicketEvent]]:
    heard: list[tuple[Record, TicketEvent]] = []
    for record, event in batch.of(*HEARD):
        try:
            UUID(event.ticket_id)
        except ValueError:
            work.refuse(record, "not_a_ticket", "ticket_id is not a UUID, so intake did not open such a ticket")
        else:
            heard.append((record, event))
    return heard


def timer_loop(rules: Rules) -> Loop:
    """Warns, breaks promises and climbs ladders when their time has come."""

    async def ring_due(ground: Ground) -> bool:
        async with ground.transaction() as work:
            due = await claim_due(work.connection, TIMER_BATCH)
            if due:
                clockwork = Clockwork(work, rules)
                await clockwork.load({timer.ticket_id for timer in due})
                for timer in due:
                    clockwork.ring(timer)
                await clockwork.save()
        return len(due) == TIMER_BATCH

    return Loop("sla.timers", ring_due, TIMER_SECONDS)
