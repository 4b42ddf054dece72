"""What happens behind the carrier's API: messages travel to handsets, and receipts come back."""

import asyncio
import random

from deploy.carrier.behaviour import Behaviour
from deploy.carrier.journal import Journal, Sent
from deploy.carrier.receipts import Receipts


class Network:
    """Carries messages. ``seconds``: how long a delivery takes, between."""

    def __init__(self, journal: Journal, receipts: Receipts, *, seconds: tuple[float, float]) -> None:
        self._journal = journal
        self._receipts = receipts
        self._seconds = seconds
        self._travelling: set[asyncio.Task[None]] = set()

    def start(self, sent: Sent) -> None:
        """Sends a message on its way."""
        task = asyncio.create_task(self._travel(sent))
        self._travelling.add(task)
        task.add_done_callback(self._travelling.discard)

    def resume(self) -> None:
        """Goes on with what an earlier process left."""
        for sent in self._journal.unfinished():
            if sent.state == "accepted":
                self.start(sent)
            else:
                self._receipts.add(sent)

    async def arrive_now(self, sent: Sent) -> None:
        """The message arrives at once, and its receipt is acknowledged before this returns."""
        self._journal.finish(sent, "delivered")
        await self._receipts.post([sent])

    async def close(self) -> None:
        """Stops; what is under way goes on after the next start."""
        for task in self._travelling:
            task.cancel()
        await asyncio.gather(*self._travelling, return_exceptions=True)

    async def _travel(self, sent: Sent) -> None:
        await asyncio.sleep(random.uniform(*self._seconds))  # noqa: S311 - not a secret
        arrives = sent.behaviour != Behaviour.UNDELIVERED
        self._journal.finish(sent, "delivered" if arrives else "undelivered")
        if sent.behaviour == Behaviour.RECEIPT_NEVER:
            self._journal.report(sent)
            return
        self._receipts.add(sent)
        if sent.behaviour == Behaviour.RECEIPT_TWICE:
            await asyncio.sleep(self._seconds[0])
            self._receipts.add(sent)
