"""The clocks move by themselves: timers that are due, a batch at a time."""

from functools import partial
from typing import Final

from services.sla.rules.in_force import RulesInForce
from services.sla.use_cases.fire_timers import fire_timers
from shared.bus.transactions import Transactions
from shared.runtime.loop import Loop
from shared.timers.firing import fire_due

TIMER_BATCH: Final = 500
TIMER_SECONDS: Final = 0.2


def timer_loop(rules: RulesInForce) -> Loop:
    """The loop."""

    async def step(transactions: Transactions) -> bool:
        return await fire_due(transactions, TIMER_BATCH, partial(fire_timers, rules=rules))

    return Loop("sla.timers", step, TIMER_SECONDS)
