"""One connection pool per process, bound to the schema of its service, impatient with anything that hangs."""

import json
from typing import Any

import asyncpg

from shared.retry import Backoff, retry

SESSION = {
    "timezone": "UTC",
    "statement_timeout": "30000",
    "lock_timeout": "10000",
    # a stopped process (SIGSTOP, a lost host) must not hold its locks for ever
    "idle_in_transaction_session_timeout": "15000",
    "jit": "off",
}


async def open_pool(url: str, *, schema: str, connections: int, application: str) -> asyncpg.Pool:
    """Connects, waiting for a database that is still starting. JSON columns travel as Python values."""
    return await retry(
        lambda: asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            timeout=5,
            command_timeout=35,
            init=_prepare,
            reset=_leave_as_is,
            server_settings={**SESSION, "search_path": schema, "application_name": application},
        ),
        "database.waiting",
        Backoff(first=0.2),
    )


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=_dump, decoder=json.loads, schema="pg_catalog")


async def _leave_as_is(_: asyncpg.Connection) -> None:
    """asyncpg rolls back what is open in any case. Ours set and lock within transactions only, so nothing else stays,
    and the statement it would send after each use was one in eight."""


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
