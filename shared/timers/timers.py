"""Timers of tickets: a row each, due at a moment of the database's clock, acted on exactly once.

The row of the ticket is locked first, then its timers: every transaction that touches a ticket takes that order.
A service with timers has a table ``ticket`` with a primary key ``ticket_id uuid``, and this table in its migrations:

    create table timer (ticket_id uuid, kind text, due_at timestamptz, data jsonb, primary key (ticket_id, kind))
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from shared.database.connection import Connection
from shared.telemetry import metrics

DueTimes = Mapping[str, datetime]
"""The timers of one ticket: kind -> due time."""

SET: Final = """
insert into timer (ticket_id, kind, due_at, data)
select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::jsonb[])
on conflict (ticket_id, kind) do update set due_at = excluded.due_at, data = excluded.data
"""

CANCEL: Final = "delete from timer where (ticket_id, kind) in (select * from unnest($1::uuid[], $2::text[]))"

# Arrays, because a kept plan knows nothing of the limit and would rather read a whole table than join to so many rows.
CLAIM: Final = """
with due as materialized (
    select ticket_id from timer where due_at <= now() order by due_at limit $1
), locked as materialized (
    select ticket_id from ticket where ticket_id = any(array(select ticket_id from due)) order by ticket_id
    for update skip locked
)
delete from timer where ticket_id = any(array(select ticket_id from locked)) and due_at <= now()
returning ticket_id, kind, due_at, data, extract(epoch from now() - due_at)::float8 as late
"""

CLAIM_OF: Final = """
with locked as materialized (select ticket_id from ticket where ticket_id = $1 for update skip locked)
delete from timer using locked where timer.ticket_id = locked.ticket_id and timer.due_at <= now()
returning timer.ticket_id, kind, due_at, data, extract(epoch from now() - due_at)::float8 as late
"""

PUT_OFF: Final = """
update timer set due_at = now() + make_interval(secs => $2) where ticket_id = $1 and due_at <= now()
"""


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer. ``kind`` is unique within its ticket; setting it again moves it."""

    ticket_id: UUID
    kind: str
    due_at: datetime
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """The name of its firing, from which the ids of the events that follow derive."""
        return f"timer/{self.ticket_id}/{self.kind}/{self.due_at.isoformat()}"


async def set_timers(connection: Connection, timers: Sequence[Timer]) -> None:
    """Sets or moves timers. The last one of a ticket and kind counts."""
    latest = {(timer.ticket_id, timer.kind): timer for timer in timers}
    if latest:
        rows = sorted(latest.values(), key=lambda timer: (timer.ticket_id.int, timer.kind))
        await connection.execute(
            SET,
            [row.ticket_id for row in rows],
            [row.kind for row in rows],
            [row.due_at for row in rows],
            [row.data for row in rows],
        )


async def cancel_timers(connection: Connection, keys: Sequence[tuple[UUID, str]]) -> None:
    """Removes timers; those that are not there are no matter."""
    if keys:
        ordered = sorted(set(keys), key=lambda key: (key[0].int, key[1]))
        await connection.execute(CANCEL, [ticket for ticket, _ in ordered], [kind for _, kind in ordered])


async def change_timers(connection: Connection, changes: Iterable[tuple[UUID, DueTimes, DueTimes]]) -> None:
    """Writes what differs. ``changes``: a ticket, the timers that have a row now, and those it is to have."""
    wanted, over = [], []
    for ticket_id, had, has in changes:
        wanted += [Timer(ticket_id, kind, due_at) for kind, due_at in has.items() if had.get(kind) != due_at]
        over += [(ticket_id, kind) for kind in had.keys() - has.keys()]
    await cancel_timers(connection, over)
    await set_timers(connection, wanted)


async def claim_due(connection: Connection, limit: int) -> list[Timer]:
    """Takes due timers of tickets nobody else holds, ordered by due time; their tickets are locked by us now."""
    return _claimed(await connection.fetch(CLAIM, limit))


async def claim_due_of(connection: Connection, ticket_id: UUID) -> list[Timer]:
    """The same for one ticket."""
    return _claimed(await connection.fetch(CLAIM_OF, ticket_id))


async def put_off(connection: Connection, ticket_id: UUID, seconds: float) -> None:
    """What is due of this ticket is looked at again in so many seconds."""
    await connection.execute(PUT_OFF, ticket_id, seconds)


def _claimed(rows: Sequence[asyncpg.Record]) -> list[Timer]:
    for row in rows:
        metrics.TIMER_LATENESS_SECONDS.observe(max(0.0, row["late"]))
    timers = [Timer(row["ticket_id"], row["kind"], row["due_at"], row["data"] or {}) for row in rows]
    return sorted(timers, key=lambda timer: (timer.due_at, timer.ticket_id, timer.kind))
