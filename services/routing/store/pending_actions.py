"""Rows of actions that wait for their ticket, sealed, in the order they came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database.connection import Connection

KEEP: Final = """
insert into pending_action (action_id, ticket_id, keep_until, sealed)
select * from unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::bytea[]) on conflict (action_id) do nothing
"""

WAITING: Final = """
select action_id as key, ticket_id, arrived, sealed from pending_action
where ticket_id = any($1::uuid[]) and (again_at is null or again_at <= now()) for update
"""

END: Final = "delete from pending_action where action_id = any($1::text[])"

PUT_OFF: Final = "update pending_action set again_at = $2 where action_id = any($1::text[])"

ARRIVED: Final = """
select ticket_id from ticket
where ticket_id = any(array(
    select ticket_id from pending_action where again_at is null or again_at <= now() order by arrived limit $1
))
order by ticket_id for update skip locked
"""

EXPIRED: Final = """
select action_id as key, ticket_id, arrived, sealed from pending_action
where keep_until <= now() and (again_at is null or again_at <= now())
  and not exists (select from ticket where ticket.ticket_id = pending_action.ticket_id)
order by keep_until limit $1 for update skip locked
"""

FORGET: Final = """
delete from pending_action where action_id in (
    select action_id from pending_action where keep_until < $1 order by keep_until limit $2 for update skip locked
)
"""


@dataclass(frozen=True, slots=True)
class Pending:
    """An action that waits for its ticket. ``sealed`` is the record it came in."""

    key: str
    ticket_id: UUID
    arrived: int
    sealed: bytes


async def keep_pending(connection: Connection, rows: Sequence[tuple[str, UUID, datetime, bytes]]) -> None:
    """Keeps actions (key, ticket, until, sealed record) until their ticket comes."""
    if rows:
        columns = [[row[place] for row in rows] for place in range(4)]
        await connection.execute(KEEP, *columns)


async def pending_of(connection: Connection, ticket_ids: Iterable[UUID]) -> list[Pending]:
    """The actions that wait for these tickets, in the order they came. The tickets are locked or new."""
    rows = await connection.fetch(WAITING, sorted(set(ticket_ids)))
    return sorted((Pending(**row) for row in rows), key=lambda pending: pending.arrived)


async def lock_arrived(connection: Connection, limit: int) -> list[UUID]:
    """Tickets that exist by now and for which actions wait, locked."""
    return [row["ticket_id"] for row in await connection.fetch(ARRIVED, limit)]


async def expired(connection: Connection, limit: int) -> list[Pending]:
    """The actions whose ticket did not come in time, locked."""
    rows = await connection.fetch(EXPIRED, limit)
    return sorted((Pending(**row) for row in rows), key=lambda pending: pending.arrived)


async def end_pending(connection: Connection, keys: Sequence[str]) -> None:
    """They wait no longer."""
    await connection.execute(END, keys)


async def postpone(connection: Connection, keys: Sequence[str], until: datetime) -> None:
    """They go on waiting, and are not looked at before."""
    await connection.execute(PUT_OFF, keys, until)
