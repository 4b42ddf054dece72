"""A toy service on the real bus, for the tests of the bus: counts actions, which is not idempotent, and says so.

Run as a process of its own (``python -m tests.integration.bus.toy``) it can be killed at any fault point.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

import asyncpg

import shared.bus
from shared.bus.record import Batch
from shared.bus.reference_changes import reference_changes
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import topics
from shared.contracts.actions import ActionRequested
from shared.contracts.reference import MemberChanged
from shared.contracts.tickets import TicketAccepted
from shared.database.migrate import Migration, migrate, read_migrations
from shared.runtime.service import Service, run
from shared.settings import ServiceSettings

SCHEMA: Final = "routing"
TABLES: Final = """
create table tally (ticket_id text primary key, actions int not null, order_seen text[] not null);
create table known (member_id text primary key, version bigint not null);
"""
COUNT: Final = """
insert into tally as t (ticket_id, actions, order_seen) values ($1, 1, array[$2])
on conflict (ticket_id) do update set actions = t.actions + 1, order_seen = t.order_seen || $2
"""
KNOW: Final = """
insert into known select * from unnest($1::text[], $2::bigint[])
on conflict (member_id) do update set version = excluded.version where known.version <= excluded.version
"""
FORGET: Final = "delete from known where member_id = any($1::text[])"
POISON: Final = "poison"
OVERLOADED: Final = "overloaded"
TOO_BIG: Final = "too big"
TIRING: Final = "tiring"
ENDLESS: Final = "endless"
VERBOSE: Final = "verbose"


def toy_migrations() -> tuple[Migration, ...]:
    """The bus's tables and the tally."""
    bus = read_migrations([("bus", Path(shared.bus.__file__).parent / "migrations")])
    return (*bus, Migration("toy/0001_pre_tally.sql", TABLES))


async def prepare(url: str) -> None:
    """Makes the schema of the toy."""
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection, SCHEMA, toy_migrations())
    finally:
        await connection.close()


async def handle(batch: Batch, work: UnitOfWork) -> None:
    """Counts every action of a ticket, remembers their order, and says that it was accepted. Knows members by name."""
    members = reference_changes(batch, topics.MEMBER, MemberChanged, lambda member: member.member_id)
    if members:
        await work.connection.execute(FORGET, members.gone)
        known = [(member.member_id, member.version) for member in members.changed]
        await work.connection.execute(KNOW, [name for name, _ in known], [version for _, version in known])
    for record, action in batch.of(ActionRequested):
        if action.text == POISON:
            raise ZeroDivisionError("the handler has a bug for this one")
        if action.text == OVERLOADED and not await work.connection.fetchval("select to_regclass('relieved')"):
            raise asyncpg.TooManyConnectionsError("sorry, too many clients already")
        if action.text == TOO_BIG:
            await work.connection.fetchval("select $1::bigint", 2**63)
        if action.text == TIRING:
            await asyncio.sleep(0.05)
        if action.text == ENDLESS:
            await work.connection.execute("select pg_sleep(600)")
        await work.connection.execute(COUNT, action.ticket_id, action.action_id)
        event = TicketAccepted(
            ticket_id=action.ticket_id, ticket_no="T", tier="standard", at=work.now, agent_id=action.action_id
        )
        if action.text == VERBOSE:
            event = event.model_copy(update={"agent_id": "x" * 2_000_000})
        work.emit(event, key=action.ticket_id, cause=record)


def toy_service(settings: ServiceSettings) -> Service:
    """The toy, wired like every service. It reads actions, unless ``TOY_TOPICS`` names more."""
    named = os.environ.get("TOY_TOPICS", topics.ACTION.name).split(",")
    read = tuple(topic for topic in topics.ALL if topic.name in named)
    return Service("routing", settings, handle, toy_migrations(), topics=read, group=os.environ["TOY_GROUP"])


def main() -> None:
    """The process."""
    asyncio.run(prepare(os.environ["DATABASE_URL"]))
    run(toy_service(ServiceSettings()))


if __name__ == "__main__":
    main()
