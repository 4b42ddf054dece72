"""The worker: claims due notices, then has their calls made outside of any transaction.

A notice is handed over only by the process that committed ``submitting`` for that attempt. Dying anywhere leaves a row
that says so: it becomes in doubt and is asked for, never simply sent again.
"""

import asyncio
import time
from typing import Final

from services.notify.use_cases.dispatch.call import ProviderCalls
from services.notify.use_cases.dispatch.claim import Claims
from shared.bus.transactions import Transactions

_TO_WRITE_DOWN: Final = 2.0
"""Seconds a stopping service grants the last answers beyond the calls' own deadline, to be committed. What takes longer
is asked for by whoever runs next, so waiting on would only hold up the stop."""


class Dispatcher:
    """Sends and follows up what is due; at most ``most`` calls at a time.

    One slow call holds up no other: the loop goes on claiming while calls are under way.
    """

    def __init__(self, claims: Claims, calls: ProviderCalls, *, most: int) -> None:
        self._claims = claims
        self._calls = calls
        self._most = most
        self._under_way: set[asyncio.Task[None]] = set()
        self._claiming: asyncio.Task[bool] | None = None

    async def step(self, transactions: Transactions) -> bool:
        """One round: claims as many due notices as there is room for calls. True: come back at once."""
        room = self._most - len(self._under_way)
        if room <= 0:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            return True
        self._claiming = asyncio.create_task(self._claim(transactions, room))
        # a stopping service must not commit a claim and then make none of its calls
        return await asyncio.shield(self._claiming)

    async def drain(self) -> None:
        """Waits for the calls under way, so that stopping leaves nothing in doubt, then closes the connections."""
        # first the claim: its calls are not under way before it is committed
        if self._claiming is not None:
            await asyncio.wait({self._claiming}, timeout=self._calls.seconds)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._calls.seconds + _TO_WRITE_DOWN)
        await self._calls.close()

    async def _claim(self, transactions: Transactions, room: int) -> bool:
        # before the transaction: how long the claim itself took counts against the call's time
        started = time.monotonic()
        async with transactions.begin() as work:
            claimed = await self._claims.take(work, room)
        for job in claimed.jobs:
            task = asyncio.create_task(self._calls.carry_out(transactions, job, started))
            self._under_way.add(task)  # the event loop alone does not keep a task from being collected
            task.add_done_callback(self._under_way.discard)
        return claimed.more
