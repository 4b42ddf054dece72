"""What is still to be done, in the order of time, in one place."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable

Deed = Callable[[], Awaitable[None]]


class Agenda:
    """Deeds by their moment, on the clock of the event loop. They are done one after the other."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Deed]] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()

    def at(self, moment: float, deed: Deed) -> None:
        """Enters a deed."""
        heapq.heappush(self._due, (moment, next(self._order), deed))
        self._changed.set()

    def after(self, seconds: float, deed: Deed) -> None:
        """Enters a deed for so many seconds from now."""
        self.at(asyncio.get_running_loop().time() + seconds, deed)

    @property
    def next_moment(self) -> float | None:
        """When the next deed is due; None when nothing is left."""
        return self._due[0][0] if self._due else None

    async def run(self) -> None:
        """Does what is due, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            wait = None if self.next_moment is None else self.next_moment - loop.time()
            if wait is not None and wait <= 0:
                await heapq.heappop(self._due)[2]()
                continue
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                continue
