"""Trying again what time alone may mend: how long to wait between tries, and when to let it be."""

import asyncio
import contextlib
import math
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from shared.failures import for_log, is_transient

T = TypeVar("T")

log = structlog.get_logger()


def backoff_seconds(attempt: int, *, first: float = 0.05, most: float = 2.0) -> float:
    """How long to wait before the next try; doubles from ``first`` to ``most``. ``attempt`` counts from 0."""
    return min(first * 2.0 ** min(attempt, 16), most)


class Backoff:
    """The waits between tries of one thing: each at most ``backoff_seconds``, at least half of it.

    Over so many ``seconds`` after the first failure, and as soon as ``stop`` is set, which also ends a wait.
    """

    def __init__(
        self, *, first: float = 0.05, most: float = 2.0, seconds: float = math.inf, stop: asyncio.Event | None = None
    ) -> None:
        self._first = first
        self._most = most
        self._seconds = seconds
        self._stop = stop
        self.renew()

    def renew(self) -> None:
        """Something went well: the next failure is the first one again."""
        self._failures = 0
        self._until = math.inf

    @property
    def is_over(self) -> bool:
        """Whether nothing shall be tried any more."""
        return (self._stop is not None and self._stop.is_set()) or time.monotonic() > self._until

    async def wait(self) -> None:
        """Something failed: waits a little, longer each time."""
        if not self._failures:
            self._until = time.monotonic() + self._seconds
        # uneven, lest all who lost the same server come back to it in the same moment
        seconds = backoff_seconds(self._failures, first=self._first, most=self._most) * random.uniform(0.5, 1)  # noqa: S311
        self._failures += 1
        if self._stop is None:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


async def retry(
    attempt: Callable[[], Awaitable[T]],
    event: str,
    backoff: Backoff,
    *,
    on_failure: Callable[[Exception], Awaitable[None]] | None = None,
) -> T:
    """What ``attempt`` returns, once it does. Raises at once what is not transient, and the last error when it is over.

    Each transient failure is given to ``on_failure``; each that is waited out is logged as ``event``.
    """
    while True:
        try:
            return await attempt()
        except Exception as error:
            if not is_transient(error):
                raise
            if on_failure is not None:
                await on_failure(error)
            if backoff.is_over:
                raise
            log.warning(event, error=for_log(error))
            await backoff.wait()
