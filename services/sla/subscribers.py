"""What sla reads: the life of tickets, and its own timers."""

from collections.abc import Sequence
from typing import Final

from services.sla.clockwork import SUBSCRIBED_EVENTS, Clockwork, Rules
from shared.bus.record import Batch
from shared.bus.ticket_events import ticket_events
from shared.bus.transactions import Handler, Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.erasure.orders import take_orders
from shared.runtime.loop import Loop
from shared.timers.ringing import ring_due
from shared.timers.timers import Timer

TIMER_BATCH: Final = 500
TIMER_SECONDS: Final = 0.2


def subscriber(rules: Rules) -> Handler:
    """The handler of a batch: moves the clocks of every ticket in it."""

    async def handle(batch: Batch, work: UnitOfWork) -> None:
        await take_orders(batch, work)
        heard = ticket_events(batch, work, *SUBSCRIBED_EVENTS)
        clockwork = Clockwork(work, rules)
        await clockwork.load({ticket_id for _, _, ticket_id in heard})
        for record, event, ticket_id in heard:
            clockwork.hear(record, ticket_id, event)
        await clockwork.save()

    return handle


def timer_loop(rules: Rules) -> Loop:
    """Warns, breaks promises and climbs ladders when their time has come."""

    async def ring(work: UnitOfWork, due: Sequence[Timer]) -> None:
        clockwork = Clockwork(work, rules)
        await clockwork.load({timer.ticket_id for timer in due})
        for timer in due:
            clockwork.ring(timer)
        await clockwork.save()

    async def step(transactions: Transactions) -> bool:
        return await ring_due(transactions, TIMER_BATCH, ring)

    return Loop("sla.timers", step, TIMER_SECONDS)
