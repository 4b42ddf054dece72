"""Rows of tickets: locked before they are changed, changed in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

import asyncpg

from services.routing.domain.ticket import Ticket
from shared.contracts.lifecycle import TicketState
from shared.database.connection import Connection

# Columns are never renamed, for the version before this one goes on reading them during a rolling update.
COLUMN_OF: Final = {"matchable_from": "try_at", "queue_position_at": "rank_at", "skipped_by": "passed"}
"""The fields of a ticket whose columns are called otherwise."""

FIELDS: Final = tuple(field.name for field in fields(Ticket))
COLUMNS: Final = tuple(COLUMN_OF.get(name, name) for name in FIELDS)
TYPES: Final = {"ticket_id": "uuid", "attempt": "int", "level": "int", "passed": "jsonb"}
TIMES: Final = frozenset(name for name in COLUMNS if name.endswith(("_at", "_due")))

_VALUES: Final = attrgetter(*FIELDS)
_SKIPPED: Final = FIELDS.index("skipped_by")
_ARRAYS: Final = ", ".join(
    f"${place}::{TYPES.get(name, 'timestamptz' if name in TIMES else 'text')}[]"
    for place, name in enumerate(COLUMNS, start=1)
)
_READ: Final = tuple(
    f"{COLUMN_OF[name]} as {name}" if name in COLUMN_OF else name for name in FIELDS if name != "advisor_agent_id"
)

# Each column by its name: the migrations of a newer version may have added some, and this one has to go on working.
# The advisor is the member's, and read with every ticket; what the ticket's own row says of it is there to be found by.
SELECT: Final = f"""
select {", ".join(_READ)},
    (select advisor_agent_id from member where member.member_id = ticket.member_id) as advisor_agent_id
from ticket
"""

LOCK: Final = f"{SELECT} where ticket_id = any($1::uuid[]) order by ticket_id for update"

SAVE: Final = f"""
insert into ticket ({", ".join(COLUMNS)}) select * from unnest({_ARRAYS})
on conflict (ticket_id) do update set {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])}
"""

ENDED: Final = """
(state = 'closed' and closed_at < {before} or state = 'merged' and queued_at < {before})
"""
DELETE_TIMERS: Final = "delete from timer where ticket_id = any($1::uuid[])"

LOCK_ABSENT: Final = """
select ticket_id from ticket join agent using (agent_id)
where agent.presence = 'offline' and agent.load > 0 and (
    agent.gone or ticket.state = 'assigned'
    or (ticket.state = 'accepted' and agent.absent_since <= now() - make_interval(secs => $1))
)
order by ticket_id limit $2 for update of ticket skip locked
"""


async def lock_tickets(connection: Connection, ticket_ids: Iterable[UUID]) -> dict[UUID, Ticket]:
    """The tickets that exist, locked in the order every transaction takes."""
    wanted = sorted(set(ticket_ids))
    rows = await connection.fetch(LOCK, wanted) if wanted else []
    return {row["ticket_id"]: ticket_of(row) for row in rows}


async def lock_absent(connection: Connection, grace_seconds: float, limit: int) -> list[UUID]:
    """Tickets whose agent went away, locked."""
    return [row["ticket_id"] for row in await connection.fetch(LOCK_ABSENT, grace_seconds, limit)]


async def save_tickets(connection: Connection, tickets: Sequence[Ticket]) -> None:
    """Writes them as they stand now."""
    if tickets:
        ordered = sorted(tickets, key=lambda ticket: ticket.ticket_id.int)
        columns = [list(column) for column in zip(*map(_VALUES, ordered), strict=True)]
        columns[_SKIPPED] = [
            {agent_id: at.isoformat() for agent_id, at in skipped_by.items()} for skipped_by in columns[_SKIPPED]
        ]
        await connection.execute(SAVE, *columns)


def ticket_of(row: asyncpg.Record) -> Ticket:
    """The ticket of a row of ``SELECT``."""
    values = dict(row)
    values["state"] = TicketState(row["state"])
    values["skipped_by"] = {agent_id: datetime.fromisoformat(at) for agent_id, at in row["skipped_by"].items()}
    return Ticket(**values)
