"""The time that counts: the database's, one for all hosts however wrong their own clocks are."""

import time
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from shared.database.connection import Connection

NOW: Final = "select now()"
TRUSTED_SECONDS: Final = 60.0
HEARD_EVERY_SECONDS: Final = 10.0
"""A host that was asleep, and whose monotonic clock slept with it, is right again after this."""


async def database_now(connection: "Connection | asyncpg.Pool") -> datetime:
    """The time, aware: inside a transaction that of its beginning, the same however often it is asked for."""
    now: datetime = await connection.fetchval(NOW)
    return now


class DatabaseClock:
    """The database's time for what does not talk to it: what it last said, and what has passed here since.

    Wrong by the way of the answer, some milliseconds, and never ahead.
    """

    def __init__(self) -> None:
        self._said: datetime | None = None
        self._heard = 0.0

    def heard(self, now: datetime) -> None:
        """The database has just said what time it is."""
        self._said, self._heard = now, time.monotonic()

    def seconds(self) -> float:
        """Seconds since 1970, as `time.time` has them of this host; that is what counts until the database is heard."""
        return time.time() if self._said is None else self._said.timestamp() + time.monotonic() - self._heard

    async def now(self, pool: asyncpg.Pool) -> datetime:
        """The time, aware; asks for it when it has not been heard for a minute."""
        if self._said is None or time.monotonic() - self._heard > TRUSTED_SECONDS:
            self.heard(await database_now(pool))
        assert self._said is not None
        return self._said + timedelta(seconds=time.monotonic() - self._heard)
