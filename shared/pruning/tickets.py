"""Tickets that ended long ago, with all that hangs on them, and what was seen of them.

Ticket ids begin with the time of their opening, so the old ones lie together at the front of the primary key: no
further index, and what is deleted is not walked over again. Replicas may prune at the same time: locked rows are
passed over, and the order of locks is that of everybody else, ticket first.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.ids import earliest_id
from shared.telemetry import metrics

FIND: Final = """
select ticket_id, {ended} as ended from ticket where ticket_id > $1 and ticket_id < $2 order by ticket_id limit $4
"""
LOCK: Final = """
select ticket_id from ticket where ticket_id = any($1) and {ended} order by ticket_id for update skip locked
"""
DELETE: Final = "delete from ticket where ticket_id = any($1)"
FORGET_SEEN: Final = "delete from seen where subject = any($1::text[])"

# What was seen of tickets that were never ours, or are no more.
FORGET_STRAY: Final = """
with old as materialized (
    select subject, source from seen where (subject, source) > ($1, $2) and subject < $3
    order by subject, source limit $4
), stray as (
    delete from seen using old where seen.subject = old.subject and seen.source = old.source
        and not exists (select from ticket where ticket.ticket_id = case
            when old.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then old.subject::uuid end) returning 1
)
select subject, source, (select count(*) from stray) as stray, (select count(*) from old) as looked_at
from old order by subject desc, source desc limit 1
"""

# A batch is found by index whatever the planner believes of the tables' sizes: it must never read a large one through.
BY_INDEX: Final = "set local enable_seqscan to off"

MOST: Final = 1000


class EndedTickets:
    """``ended``: SQL of whether a ticket ended before the moment ``{before}``. ``hanging_on``: table -> the statement
    that deletes what refers to tickets $1, in the order it has to go."""

    def __init__(self, days: float, *, ended: str, hanging_on: dict[str, str]) -> None:
        self._kept = timedelta(days=days)
        self._find = FIND.format(ended=ended.format(before="$3"))
        self._lock = LOCK.format(ended=ended.format(before="$2"))
        self._hanging_on = hanging_on
        self._at = UUID(int=0)
        self._seen_at = ("", "")

    async def prune(self, work: UnitOfWork) -> bool:
        """One batch. False at the end of a walk over all that is old; the next call begins a new one."""
        await work.connection.execute(BY_INDEX)
        before = work.now - self._kept
        limit = earliest_id(before)
        rows = await work.connection.fetch(self._find, self._at, limit, before, MOST)
        if over := [row["ticket_id"] for row in rows if row["ended"]]:
            locked = await work.connection.fetch(self._lock, over, before)
            await self._delete(work, [row["ticket_id"] for row in locked])
        if len(rows) == MOST:
            self._at = rows[-1]["ticket_id"]
            return True
        if await self._forget_stray(work, str(limit)):
            return True
        self._at, self._seen_at = UUID(int=0), ("", "")
        return False

    async def _delete(self, work: UnitOfWork, ticket_ids: Sequence[UUID]) -> None:
        for table, statement in self._hanging_on.items():
            _count(table, await work.connection.execute(statement, ticket_ids))
        subjects = [str(ticket_id) for ticket_id in ticket_ids]
        _count("seen", await work.connection.execute(FORGET_SEEN, subjects))
        _count("ticket", await work.connection.execute(DELETE, ticket_ids))

    async def _forget_stray(self, work: UnitOfWork, limit: str) -> bool:
        last = await work.connection.fetchrow(FORGET_STRAY, *self._seen_at, limit, MOST)
        if last is None:
            return False
        self._seen_at = (last["subject"], last["source"])
        metrics.PRUNED_ROWS.labels("seen").inc(last["stray"])
        return bool(last["looked_at"] == MOST)


def _count(table: str, status: str) -> None:
    metrics.PRUNED_ROWS.labels(table).inc(int(status.rpartition(" ")[2]))
