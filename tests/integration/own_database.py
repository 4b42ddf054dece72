"""What a service under test stands on: a database of its own, and a publisher that keeps what it is given."""

import os
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from services.migrate import migrations_of
from shared.bus.faults import Faults
from shared.bus.outbox import Relay
from shared.bus.publisher import Outgoing
from shared.bus.transactions import Transactions
from shared.database.migrate import migrate
from shared.database.pool import open_pool


class KeptPublications:
    """A publisher that keeps what it is given, in order."""

    def __init__(self) -> None:
        self.published: list[Outgoing] = []

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """See ``Publisher``."""
        self.published += records

    async def close(self) -> None:
        """See ``Publisher``."""


@asynccontextmanager
async def own_database(server_url: str, service: str) -> AsyncIterator[str]:
    """A new database with the schema of a service: its URL. It is dropped afterwards, whoever still uses it.

    The schema is made once in a run and copied from then on: what a test may change is its own copy.
    """
    name = f"{service}_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(server_url)
    try:
        await admin.execute(f"create database {name} template {await _template(admin, server_url, service)}")
        yield _in(server_url, name)
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()


_made: dict[tuple[str, str], str] = {}
"""Server and service -> the database that is copied."""


async def _template(admin: asyncpg.Connection, server_url: str, service: str) -> str:
    if (server_url, service) not in _made:
        name = f"{service}_template_{os.getpid()}"
        await admin.execute(f"create database {name}")
        connection = await asyncpg.connect(_in(server_url, name))
        await migrate(connection, service, migrations_of(service))
        await connection.close()
        _made[server_url, service] = name
    return _made[server_url, service]


async def drop_templates() -> None:
    """What was made to be copied goes at the end of the run, for a server may be somebody else's."""
    for (server_url, _), name in _made.items():
        admin = await asyncpg.connect(server_url)
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()
    _made.clear()


def _in(server_url: str, database: str) -> str:
    return f"{server_url.rpartition('/')[0]}/{database}"


@asynccontextmanager
async def own_transactions(server_url: str, service: str) -> AsyncIterator[tuple[Transactions, KeptPublications]]:
    """What the transactions of a service stand on, over a database of its own; what they say is kept, not published."""
    async with own_database(server_url, service) as url:
        pool = await open_pool(url, schema=service, connections=8, application="test")
        kept, faults = KeptPublications(), Faults("")
        try:
            yield Transactions(service, pool, Relay(pool, kept, faults), faults), kept
        finally:
            await pool.close()
