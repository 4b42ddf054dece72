"""Brings every service's schema up to date, before they start: ``python -m services.migrate [service …]``.

With ``INTAKE_DATABASE_PASSWORD`` and its like set, each service also gets a role of its own, confined to its schema.
"""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg

import shared.bus
from shared.contracts.services import SERVICES
from shared.database.migrate import Migration, migrate, read_migrations
from shared.database.roles import give_role, may_create_roles


def migrations_of(service: str) -> tuple[Migration, ...]:
    """The migrations of a service's schema: the bus's tables, then its own."""
    return read_migrations(
        [
            ("bus", Path(shared.bus.__file__).parent / "migrations"),
            (service, Path(__file__).parent / service / "migrations"),
        ]
    )


def role_password(service: str) -> str:
    """The environment variable with the password of a service's own role."""
    return f"{service.upper()}_DATABASE_PASSWORD"


async def _confine(connection: asyncpg.Connection, service: str, password: str) -> None:
    if await may_create_roles(connection):
        await give_role(connection, service, password)
        return
    message = f"{service}: no role of its own, this user may not create roles; the service goes on with the one it has"
    print(message)  # noqa: T201


async def main(names: list[str]) -> int:
    """Migrates the services named, or all of them. Prints a line for each file applied."""
    unknown = [name for name in names if name not in SERVICES]
    if unknown or "DATABASE_URL" not in os.environ:
        print(f"usage: DATABASE_URL=… python -m services.migrate [{' | '.join(SERVICES)}]", file=sys.stderr)  # noqa: T201
        return 2
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    try:
        for service in names or SERVICES:
            for name in await migrate(connection, service, migrations_of(service)):
                print(f"{service}: {name}")  # noqa: T201
            if password := os.environ.get(role_password(service)):
                await _confine(connection, service, password)
    finally:
        await connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
