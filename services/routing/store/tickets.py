"""Rows of tickets: locked before they are changed, changed in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

import asyncpg

from services.routing.domain.ticket import State, Ticket
from shared.database.connection import Connection

# The advisor is the member's, and read with every ticket; all else is the ticket's own.
COLUMNS: Final = tuple(field.name for field in fields(Ticket) if field.name != "advisor_agent_id")
TYPES: Final = {"ticket_id": "uuid", "attempt": "int", "level": "int", "passed": "jsonb"}
TIMES: Final = frozenset(name for name in COLUMNS if name.endswith(("_at", "_due")))

_VALUES: Final = attrgetter(*COLUMNS)
_PASSED: Final = COLUMNS.index("passed")
_ARRAYS: Final = ", ".join(
    f"${place}::{TYPES.get(name, 'timestamptz' if name in TIMES else 'text')}[]"
    for place, name in enumerate(COLUMNS, start=1)
)
# Each column by its name: the migrations of a newer version may have added some, and this one has to go on working.
_SELECT: Final = f"""
select {", ".join(f"ticket.{name}" for name in COLUMNS)}, member.advisor_agent_id
from ticket left join member using (member_id)
"""

LOCK: Final = f"{_SELECT} where ticket_id = any($1::uuid[]) order by ticket_id for update of ticket"

SAVE: Final = f"""
insert into ticket ({", ".join(COLUMNS)}) select * from unnest({_ARRAYS})
on conflict (ticket_id) do update set {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])}
"""

WORTH_MATCHING: Final = """
select exists (select from ticket where state = 'queued' and try_at <= now())
   and exists (select from agent where presence = 'online' and load < capacity)
"""

LOCK_QUEUED: Final = f"""
{_SELECT} where state = 'queued' and try_at <= now()
    and ($1::text[] is null or problem_type = any($1) or team is not null or advisor_agent_id = any($2::text[]))
order by rank_at, ticket_id limit $3 for update of ticket skip locked
"""

PARK: Final = "update ticket set try_at = $2 where ticket_id = any($1::uuid[])"

LOCK_ABSENT: Final = """
select ticket_id from ticket join agent using (agent_id)
where agent.presence = 'offline' and agent.load > 0 and (
    agent.gone or ticket.state = 'assigned'
    or (ticket.state = 'accepted' and agent.absent_since <= now() - make_interval(secs => $1))
)
order by ticket_id limit $2 for update of ticket skip locked
"""

WAITING: Final = """
select queue, count(*) as tickets, extract(epoch from now() - min(queued_at))::float8 as oldest
from ticket where state = 'queued' group by queue
"""


async def lock_tickets(connection: Connection, ticket_ids: Iterable[UUID]) -> dict[UUID, Ticket]:
    """The tickets that exist, locked in the order every transaction takes."""
    wanted = sorted(set(ticket_ids))
    rows = await connection.fetch(LOCK, wanted) if wanted else []
    return {row["ticket_id"]: _ticket(row) for row in rows}


async def worth_matching(connection: Connection) -> bool:
    """Whether there is a ticket to give and an agent to take one."""
    return bool(await connection.fetchval(WORTH_MATCHING))


async def lock_queued(
    connection: Connection, problem_types: Sequence[str] | None, advisors: Sequence[str], limit: int
) -> list[Ticket]:
    """Queued tickets nobody else is looking at, best place first: of these types (None: any), escalated, or of a member
    whose advisor is among ``advisors``."""
    return [_ticket(row) for row in await connection.fetch(LOCK_QUEUED, problem_types, advisors, limit)]


async def park(connection: Connection, ticket_ids: Sequence[UUID], until: datetime) -> None:
    """Nobody looks at these for a moment, so that the ones behind them are looked at."""
    await connection.execute(PARK, ticket_ids, until)


async def lock_absent(connection: Connection, grace_seconds: float, limit: int) -> list[UUID]:
    """Tickets whose agent went away, locked."""
    return [row["ticket_id"] for row in await connection.fetch(LOCK_ABSENT, grace_seconds, limit)]


async def waiting_by_queue(connection: Connection) -> dict[str, tuple[int, float]]:
    """Queue -> tickets waiting there, and seconds the oldest has."""
    return {row["queue"]: (row["tickets"], row["oldest"]) for row in await connection.fetch(WAITING)}


async def save_tickets(connection: Connection, tickets: Sequence[Ticket]) -> None:
    """Writes them as they stand now."""
    if tickets:
        ordered = sorted(tickets, key=lambda ticket: ticket.ticket_id.int)
        columns = [list(column) for column in zip(*map(_VALUES, ordered), strict=True)]
        columns[_PASSED] = [
            {agent_id: at.isoformat() for agent_id, at in passed.items()} for passed in columns[_PASSED]
        ]
        await connection.execute(SAVE, *columns)


def _ticket(row: asyncpg.Record) -> Ticket:
    values = dict(row)
    values["state"] = State(row["state"])
    values["passed"] = {agent_id: datetime.fromisoformat(at) for agent_id, at in row["passed"].items()}
    return Ticket(**values)
