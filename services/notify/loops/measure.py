"""Tells the operators how late notices are, and how many are in doubt."""

from typing import Final

from services.notify.store.intents import DUE_LATE, IN_DOUBT
from shared.bus.transactions import Transactions
from shared.runtime.loop import Loop
from shared.telemetry import metrics

_SECONDS: Final = 5.0
"""Well below the minutes after which an alert speaks, and far too seldom for its two counts to weigh."""


def measuring() -> Loop:
    """The loop."""
    return Loop("notices.measure", _measure, _SECONDS)


async def _measure(transactions: Transactions) -> bool:
    metrics.NOTICE_LATE_SECONDS.set(await transactions.pool.fetchval(DUE_LATE))
    metrics.NOTICES_IN_DOUBT.set(await transactions.pool.fetchval(IN_DOUBT))
    return False
