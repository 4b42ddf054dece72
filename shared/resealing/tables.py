"""The tables of a service that hold sealed values or blind indexes, and how a row is made anew.

Rows are walked in the order of their key, a short transaction for each batch. What a service has locked is passed over,
not waited for, and what it writes meanwhile is under the present key anyhow. So it may be ended at any time and begun
again: a value tells by its first bytes under which key it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg

from shared.security.sealing import ID_BYTES, DataKeyError, Sealer

OLDER: Final = f"substring(t.{{column}} from 1 for {ID_BYTES}) is distinct from $1 and t.{{column}} is distinct from ''"
COUNT: Final = "select count(*) from {table} as t where {older}"
# A batch ends after so many rows, whether much or nothing is to be done in them, so that none is locked for long.
LAST_OF_BATCH: Final = """
select {key} from {table} as t where ({key}) > ({after}) order by {key} offset {most} - 1 limit 1
"""
FIND: Final = """
select {columns} from {table} as t {beside} where {range} and ({older}) order by {key} for update of t skip locked
"""
FROM: Final = "({key}) > ({after})"
UP_TO: Final = " and ({key}) <= ({last})"

# Found by index whatever the planner believes of the table's size: a batch must never read a large one through.
BY_INDEX: Final = "set local enable_seqscan to off"

RENEW: Final = """
update {table} as t set {settings} from unnest({arrays}) as v ({names}) where {same}
"""

MOST: Final = 1000

_FIRST: Final[Mapping[str, Any]] = {"text": "", "bytea": b"", "uuid": UUID(int=0)}
"""What no key of a type comes before, and none of ours is."""

Renew: TypeAlias = Callable[[asyncpg.Record, Sealer], tuple[bytes, ...]]
"""The columns of a row anew, in their order. Raises DataKeyError when what is needed for it cannot be opened."""


@dataclass(frozen=True, slots=True)
class SealedTable:
    """``key``: the primary key, column -> type. ``columns``: what is sealed or blind; an empty value is of nobody and
    stays. ``renew``: None where rows live for minutes and are only counted. ``beside``: a join and, in ``besides``, the
    columns of it that ``renew`` reads.
    """

    table: str
    key: Mapping[str, str]
    columns: tuple[str, ...]
    renew: Renew | None
    beside: str = ""
    besides: tuple[str, ...] = ()


@dataclass(slots=True)
class Done:
    """Rows made anew, and those that could not be, with one of the reasons."""

    renewed: int = 0
    unreadable: int = 0
    why: str = ""


async def count_older(connection: asyncpg.Connection, table: SealedTable, sealer: Sealer) -> int:
    """Rows with anything that is not under the present key."""
    count = COUNT.format(table=table.table, older=_older(table))
    return int(await connection.fetchval(count, sealer.current))


async def make_anew(connection: asyncpg.Connection, table: SealedTable, sealer: Sealer) -> Done:
    """Walks the table once. The connection is in the schema of the service."""
    done = Done()
    after = [_FIRST[kind] for kind in table.key.values()]
    while table.renew is not None:
        async with connection.transaction():
            await connection.execute(BY_INDEX)
            end = await connection.fetchrow(_last_of_batch(table), *after)
            last = list(end.values()) if end else []
            rows = await connection.fetch(_find(table, bounded=end is not None), sealer.current, *after, *last)
            anew = list(_anew(rows, table.renew, sealer, done))
            if anew:
                keys = [tuple(row[column] for column in table.key) for row, _ in anew]
                values = [(*key, *columns) for key, (_, columns) in zip(keys, anew, strict=True)]
                await connection.execute(_save(table), *(list(column) for column in zip(*values, strict=True)))
        done.renewed += len(anew)
        if end is None:
            break
        after = last
    return done


def _anew(
    rows: Iterable[asyncpg.Record], renew: Renew, sealer: Sealer, done: Done
) -> Iterable[tuple[asyncpg.Record, tuple[bytes, ...]]]:
    for row in rows:
        try:
            yield row, renew(row, sealer)
        except DataKeyError as error:
            done.unreadable += 1
            done.why = str(error)


def _older(table: SealedTable) -> str:
    return " or ".join(OLDER.format(column=column) for column in table.columns)


def _last_of_batch(table: SealedTable) -> str:
    return LAST_OF_BATCH.format(table=table.table, key=_key(table), after=_numbers(table, 1), most=MOST)


def _find(table: SealedTable, *, bounded: bool) -> str:
    own = (*table.key, *(column for column in table.columns if column not in table.key))
    span = FROM + (UP_TO if bounded else "")
    return FIND.format(
        columns=", ".join([*(f"t.{column}" for column in own), *table.besides]),
        table=table.table,
        beside=table.beside,
        range=span.format(key=_key(table), after=_numbers(table, 2), last=_numbers(table, 2 + len(table.key))),
        key=_key(table),
        older=_older(table),
    )


def _key(table: SealedTable) -> str:
    return ", ".join(f"t.{column}" for column in table.key)


def _numbers(table: SealedTable, first: int) -> str:
    return ", ".join(f"${first + number}::{kind}" for number, kind in enumerate(table.key.values()))


def _save(table: SealedTable) -> str:
    kinds = [*table.key.values(), *("bytea" for _ in table.columns)]
    keys = [f"key_{number}" for number in range(len(table.key))]
    values = [f"value_{number}" for number in range(len(table.columns))]
    return RENEW.format(
        table=table.table,
        settings=", ".join(f"{column} = v.{value}" for column, value in zip(table.columns, values, strict=True)),
        arrays=", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, 1)),
        names=", ".join([*keys, *values]),
        same=" and ".join(f"t.{column} = v.{key}" for column, key in zip(table.key, keys, strict=True)),
    )
