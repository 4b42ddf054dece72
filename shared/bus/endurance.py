"""How long the surroundings are waited for in place, before their records are fetched again."""

import asyncio
import contextlib
import time

from shared.failures import backoff_seconds, for_log


class GiveUpForNow(Exception):  # noqa: N818 - it is not an error: the records are fetched again
    """What is left of the batch could not be done within its endurance. It has to be fetched again."""


class Endurance:
    """Lasts so many ``seconds`` from the first failure, and ends at once when ``no_more_tries`` is set."""

    def __init__(self, seconds: float, no_more_tries: asyncio.Event) -> None:
        self._seconds = seconds
        self._no_more_tries = no_more_tries
        self.renew()

    def renew(self) -> None:
        """Something went well."""
        self._until: float | None = None
        self._times = 0

    def check(self, error: Exception) -> None:
        """Raises GiveUpForNow when nothing shall be tried again in place."""
        if self._no_more_tries.is_set():
            raise GiveUpForNow(for_log(error)) from error

    async def wait(self, error: Exception) -> None:
        """Waits a little, longer each time. Raises GiveUpForNow when that has gone on for too long."""
        self.check(error)
        now = time.monotonic()
        self._until = self._until or now + self._seconds
        if now > self._until:
            raise GiveUpForNow(for_log(error)) from error
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._no_more_tries.wait(), backoff_seconds(self._times, most=1.0))
        self._times += 1
