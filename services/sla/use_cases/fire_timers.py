"""Warns, breaks promises and climbs ladders when their time has come."""

from collections.abc import Sequence

from services.sla.rules.in_force import RulesInForce
from services.sla.use_cases.ticket_clocks_batch import TicketClocksBatch
from shared.bus.unit_of_work import UnitOfWork
from shared.timers.timers import Timer


async def fire_timers(work: UnitOfWork, due: Sequence[Timer], rules: RulesInForce) -> None:
    """Acts on timers that are due; their tickets are locked already."""
    batch = TicketClocksBatch(work, rules)
    await batch.load({timer.ticket_id for timer in due})
    for timer in due:
        batch.fire(timer)
    await batch.save()
