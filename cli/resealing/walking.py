"""The sealed tables of one service, each walked once. Addresses from before they were sealed come from Kafka."""

import importlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from cli.environment import kafka_servers, needed
from cli.errors import CommandError
from cli.kafka_log import kafka_answers, log_tail, read_to_end
from services.intake.resealing import index_anew, members_to_index
from shared.bus.record import read
from shared.contracts import topics
from shared.contracts.reference import MemberChanged
from shared.database.pool import SESSION
from shared.resealing.tables import MOST, SealedTable, count_older, make_anew
from shared.security.sealing import DataKeyError, Sealer


@dataclass(frozen=True, slots=True)
class Walked:
    """What became of a table. ``left``: rows still under an older key; ``why`` some of them cannot be opened."""

    service: str
    table: str
    renewed: int
    left: int
    why: str


def sealed_tables(service: str) -> Sequence[SealedTable]:
    """What a service that seals says of itself: `TABLES` of its `resealing` module."""
    tables: Sequence[SealedTable] = importlib.import_module(f"services.{service}.resealing").TABLES
    return tables


async def reseal_service(service: str, *, check: bool = False) -> list[Walked]:
    """Makes everything of a service anew, or with ``check`` only counts."""
    sealer = _sealer(service)
    outcomes = []
    async with _schema(service) as connection:
        indexed = 0 if check or service != "intake" else await _index_members(connection, sealer)
        for table in sealed_tables(service):
            renewed, why = 0, ""
            if not check:
                done = await make_anew(connection, table, sealer)
                renewed, why = done.renewed, done.why
            if table.table == "handle":
                renewed += indexed
            outcomes.append(Walked(service, table.table, renewed, await count_older(connection, table, sealer), why))
    return outcomes


async def _index_members(connection: asyncpg.Connection, sealer: Sealer) -> int:
    """The addresses that lie unsealed are known from the topic alone. Returns how many members were read from there."""
    wanted = await members_to_index(connection)
    if not wanted:
        return 0
    latest: dict[str, MemberChanged] = {}
    servers = kafka_servers()
    async with kafka_answers(servers), log_tail(servers) as tail:
        places = [place for found in (await tail.partitions([topics.MEMBER.name])).values() for place in found]
        async for record in read_to_end(tail, places):
            event = read(record).event
            if isinstance(event, MemberChanged) and event.member_id in wanted:
                latest[event.member_id] = event
    members = [latest[member_id] for member_id in sorted(latest)]
    batches = [members[start : start + MOST] for start in range(0, len(members), MOST)]
    return sum([await index_anew(connection, batch, sealer) for batch in batches])


def _sealer(service: str) -> Sealer:
    keys = os.environ.get(f"{service.upper()}_DATA_KEY") or needed("KEFU_DATA_KEY")
    try:
        return Sealer.from_keys(keys, service=service)
    except DataKeyError as error:
        raise CommandError(str(error), hint="It has to be what the services have.") from None


@asynccontextmanager
async def _schema(service: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the schema of a service."""
    url = os.environ.get(f"{service.upper()}_DATABASE_URL") or needed("DATABASE_URL")
    # a batch is short, but a large table takes its time to be counted
    settings = {**SESSION, "statement_timeout": "0", "search_path": service, "application_name": "kefu reseal"}
    hint = "Look at DATABASE_URL. What was made anew stays so: call it again."
    try:
        connection = await asyncpg.connect(url, server_settings=settings)
        try:
            yield connection
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandError(f"the database of {service} does not do what it should: {error}", hint=hint) from None
