"""Numbered SQL files, applied once, in order, under an advisory lock. Forward only.

A file is named ``0001_pre_what.sql``: ``pre`` runs before the new code is started, ``post`` after the old is gone.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

NAME = re.compile(r"^(\d{4})_(pre|post)_[a-z0-9_]+\.sql$")

LEDGER = """
create table if not exists migration (
    name       text        primary key,
    checksum   text        not null,
    applied_at timestamptz not null default now()
)
"""


class MigrationError(Exception):
    """A migration was changed after it was applied, or is misnamed."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. ``name`` is unique within a schema: the folder's label and the file's name."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folders: Sequence[tuple[str, Path]]) -> tuple[Migration, ...]:
    """The migrations of labelled folders, in order of the folders, then of their numbers."""
    found = []
    for label, folder in folders:
        for path in sorted(folder.glob("*.sql")):
            if not NAME.match(path.name):
                raise MigrationError(f"{path.name} is not named NNNN_pre_what.sql or NNNN_post_what.sql")
            found.append(Migration(f"{label}/{path.name}", path.read_text("utf-8")))
    return tuple(found)


async def migrate(connection: asyncpg.Connection, schema: str, migrations: Sequence[Migration]) -> list[str]:
    """Brings a schema up to date. Returns the names applied now. Safe to run from several processes at once."""
    applied = []
    await connection.execute("select pg_advisory_lock(hashtext($1))", f"kefu-migrate-{schema}")
    try:
        await connection.execute(f'create schema if not exists "{schema}"')
        await connection.execute(f'set search_path to "{schema}"')
        await connection.execute(LEDGER)
        rows = await connection.fetch("select name, checksum from migration")
        done: dict[str, str] = {row["name"]: row["checksum"] for row in rows}
        for migration in migrations:
            if migration.name in done:
                if done[migration.name] != migration.checksum:
                    raise MigrationError(f"{migration.name} was changed after it was applied; write a new one instead")
                continue
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(
                    "insert into migration (name, checksum) values ($1, $2)", migration.name, migration.checksum
                )
            applied.append(migration.name)
    finally:
        await connection.execute("select pg_advisory_unlock(hashtext($1))", f"kefu-migrate-{schema}")
    return applied


async def missing(connection: asyncpg.Connection | asyncpg.Pool, migrations: Sequence[Migration]) -> list[str]:
    """The migrations that this schema lacks, for the readiness check."""
    if await connection.fetchval("select to_regclass('migration')") is None:
        return [migration.name for migration in migrations]
    done = {row["name"] for row in await connection.fetch("select name from migration")}
    return [migration.name for migration in migrations if migration.name not in done]
