"""Numbered SQL files, applied once, in order, under an advisory lock. Forward only.

A file is named ``0001_pre_what.sql``: ``pre`` runs before the new code is started, ``post`` after the old is gone.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

NAME: Final = re.compile(r"^(\d{4})_(pre|post)_[a-z0-9_]+\.sql$")

LOCK: Final = "select pg_advisory_lock(hashtext($1))"
UNLOCK: Final = "select pg_advisory_unlock(hashtext($1))"

# The names of schemas are those of our services; PostgreSQL takes no parameters here.
CREATE_SCHEMA: Final = 'create schema if not exists "{}"'
ENTER_SCHEMA: Final = 'set search_path to "{}"'

LEDGER: Final = """
create table if not exists migration (
    name       text        primary key,
    checksum   text        not null,
    applied_at timestamptz not null default now()
)
"""
HAS_LEDGER: Final = "select to_regclass('migration')"
APPLIED: Final = "select name, checksum from migration"
RECORD: Final = "insert into migration (name, checksum) values ($1, $2)"


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
    """Brings a schema up to date. Returns the names applied now. Safe to run from several processes at once.

    Raises MigrationError when an applied file has changed since.
    """
    applied = []
    lock = f"kefu-migrate-{schema}"
    await connection.execute(LOCK, lock)
    try:
        await connection.execute(CREATE_SCHEMA.format(schema))
        await connection.execute(ENTER_SCHEMA.format(schema))
        await connection.execute(LEDGER)
        done: dict[str, str] = {row["name"]: row["checksum"] for row in await connection.fetch(APPLIED)}
        for migration in migrations:
            if migration.name in done:
                if done[migration.name] != migration.checksum:
                    raise MigrationError(f"{migration.name} was changed after it was applied; write a new one instead")
                continue
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(RECORD, migration.name, migration.checksum)
            applied.append(migration.name)
    finally:
        await connection.execute(UNLOCK, lock)
    return applied


async def missing_migrations(
    connection: asyncpg.Connection | asyncpg.Pool, migrations: Sequence[Migration]
) -> list[str]:
    """The migrations that this schema lacks, for the readiness check."""
    if await connection.fetchval(HAS_LEDGER) is None:
        return [migration.name for migration in migrations]
    done = {row["name"] for row in await connection.fetch(APPLIED)}
    return [migration.name for migration in migrations if migration.name not in done]
