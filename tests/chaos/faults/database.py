"""What happens to PostgreSQL."""

import asyncio
import contextlib
import signal
import time
from typing import Final

import asyncpg

from tests.chaos.fault import Fault, Step
from tests.chaos.house import House

POSTGRES: Final = "postgres-1"
AT_ONCE, AT_COMMIT = "at once", "at commit"

FULL: Final = """
create or replace function public.no_space_left() returns trigger language plpgsql as
$$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$
"""
TERMINATE: Final = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'kefu-' || $1 || '-%'"
)


class DatabaseKilled(Fault):
    """kill -9 of the postmaster: PostgreSQL recovers from its log."""

    name = "database kill -9"
    services = ("postgres",)

    async def strike(self, house: House, step: Step) -> None:
        house.stack.send_signal(POSTGRES, signal.SIGKILL)


class ConnectionsCut(Fault):
    """pg_terminate_backend of every connection of a service."""

    name = "connections cut"
    quick = True
    weight = 2

    async def strike(self, house: House, step: Step) -> None:
        await _terminate(house, step.service)


class TooManyConnections(Fault):
    """Somebody takes every connection there is, a service loses its own: real 53300 until they let go.

    A limit of the role or the database would not do: the stack's only role is the owner, to whom no limit applies.
    """

    name = "no connection free (53300)"
    seconds = (2.0, 4.0)
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        taken: list[asyncpg.Connection] = []
        end = time.monotonic() + step.seconds
        try:
            await _take_all(house, taken)
            # the terminating session is the last one free, so that it is there when it is needed
            await taken[-1].execute(TERMINATE, step.service)
            while time.monotonic() < end:
                await _take_all(house, taken)
                await asyncio.sleep(0.02)
        finally:
            await asyncio.gather(*(connection.close() for connection in taken), return_exceptions=True)


class DiskFull(Fault):
    """SQLSTATE 53100 for whatever a service says, as it writes it or when it commits.

    Raised by a trigger: a full disk of its own would need a mount, which nobody may do everywhere.
    """

    name = "disk full (53100, by trigger)"
    seconds = (2.0, 4.0)
    details = (AT_ONCE, AT_COMMIT)
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        connection = await house.connect()
        table = f"{step.service}.outbox"
        kind, timing = ("trigger", "before") if step.detail == AT_ONCE else ("constraint trigger", "after")
        deferred = "" if step.detail == AT_ONCE else "deferrable initially deferred"
        try:
            await connection.execute(FULL)
            await connection.execute(
                f"create {kind} no_space {timing} insert on {table} {deferred} "
                "for each row execute function public.no_space_left()"
            )
            await asyncio.sleep(step.seconds)
        finally:
            with contextlib.suppress(asyncpg.UndefinedObjectError):
                await connection.execute(f"drop trigger if exists no_space on {table}")
            await connection.close()


async def _terminate(house: House, service: str) -> None:
    connection = await house.connect()
    try:
        await connection.execute(TERMINATE, service)
    finally:
        await connection.close()


async def _take_all(house: House, taken: list[asyncpg.Connection]) -> None:
    """Opens connections until the server has none left."""
    while True:
        found = await asyncio.gather(*(house.connect(patience=0) for _ in range(10)), return_exceptions=True)
        taken += [one for one in found if isinstance(one, asyncpg.Connection)]
        if any(isinstance(one, asyncpg.TooManyConnectionsError) for one in found):
            return
