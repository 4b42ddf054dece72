"""Brings every service's schema up to date, before they start: ``python -m services.migrate [service …]``."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg

import shared.bus
from shared.database.migrate import Migration, migrate, read_migrations

SERVICES = ("intake", "routing", "sla", "notify")


def migrations_of(service: str) -> tuple[Migration, ...]:
    """The migrations of a service's schema: the bus's tables, then its own."""
    return read_migrations(
        [
            ("bus", Path(shared.bus.__file__).parent / "migrations"),
            (service, Path(__file__).parent / service / "migrations"),
        ]
    )


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
    finally:
        await connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
