"""A periodic step of a service: claims due rows, acts on them, and comes back at once while there are more."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from shared.bus.transactions import Transactions
from shared.failures import for_log, is_transient
from shared.retry import Backoff
from shared.telemetry import metrics

log = structlog.get_logger()

Step = Callable[[Transactions], Awaitable[bool]]
"""One round over due rows. True: there may be more, come back at once."""


@dataclass(frozen=True, slots=True)
class Loop:
    """``step`` runs every ``seconds``, at once after it said there is more, and at once when ``wake`` is set."""

    name: str
    step: Step
    seconds: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, transactions: Transactions) -> None:
        """Runs until cancelled. A failing step is logged and tried again; the loop never ends by itself."""
        backoff = Backoff(first=0.2, most=5.0)
        while True:
            self.wake.clear()
            try:
                more = await self.step(transactions)
                backoff.renew()
            except Exception as error:
                metrics.LOOP_FAILURES.labels(self.name).inc()
                report = log.warning if is_transient(error) else log.exception
                report("loop.failed", loop=self.name, error=for_log(error))
                await transactions.leave_if_read_only(error)
                await backoff.wait()
                continue
            if not more:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), self.seconds)
