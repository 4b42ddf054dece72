"""The time that counts: the database's, one for all hosts however wrong their own clocks are."""

from datetime import datetime
from typing import Final

import asyncpg

from shared.database.connection import Connection

NOW: Final = "select now()"


async def database_now(connection: "Connection | asyncpg.Pool") -> datetime:
    """The time, aware: inside a transaction that of its beginning, the same however often it is asked for."""
    now: datetime = await connection.fetchval(NOW)
    return now
