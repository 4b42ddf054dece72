"""How long the surroundings are waited for in place, before their records are fetched again."""

import asyncio

from shared.failures import for_log
from shared.retry import Backoff


class BatchPostponed(Exception):  # noqa: N818 - it is not an error: the records are fetched again
    """What is left of the batch could not be done within its endurance. It has to be fetched again."""


class Endurance:
    """Lasts so many ``seconds`` from the first failure, and ends at once when ``stop_retrying`` is set."""

    def __init__(self, seconds: float, stop_retrying: asyncio.Event) -> None:
        self._stop_retrying = stop_retrying
        self._backoff = Backoff(most=1.0, seconds=seconds, stop=stop_retrying)

    def renew(self) -> None:
        """Something went well."""
        self._backoff.renew()

    def check(self, error: Exception) -> None:
        """Raises BatchPostponed when nothing shall be tried again in place."""
        if self._stop_retrying.is_set():
            raise BatchPostponed(for_log(error)) from error

    async def wait(self, error: Exception) -> None:
        """Waits a little, longer each time. Raises BatchPostponed when that has gone on for too long."""
        if self._backoff.is_over:
            raise BatchPostponed(for_log(error)) from error
        await self._backoff.wait()
