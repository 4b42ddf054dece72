"""Tickets in PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from services.notify.domain.ticket import Ticket
from shared.database.connection import Connection

COLUMNS: Final = (
    "ticket_id, ticket_no, member_id, identity, identity_proof, problem_type, version, level, opened, merged, ended"
)

FIND: Final = f"select {COLUMNS} from ticket where ticket_id = $1"

LOCK: Final = f"select {COLUMNS} from ticket where ticket_id = any($1::uuid[]) order by ticket_id for update"

LOCK_FREE: Final = f"{LOCK} skip locked"

SAVE: Final = f"""
insert into ticket ({COLUMNS})
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[],
                     $9::bool[], $10::bool[], $11::bool[])
on conflict (ticket_id) do update set
    ticket_no = excluded.ticket_no, member_id = excluded.member_id, identity = excluded.identity,
    identity_proof = excluded.identity_proof, problem_type = excluded.problem_type, version = excluded.version,
    level = excluded.level, opened = excluded.opened, merged = excluded.merged, ended = excluded.ended,
    changed_at = now()
"""

# With a notice that is still looked after a ticket is not over, however long ago it was closed.
ENDED: Final = """
((ended or merged) and changed_at < {before}
 and not exists (select from intent where intent.ticket_id = ticket.ticket_id and due_at is not null))
"""


async def lock_tickets(
    connection: Connection, ticket_ids: Iterable[UUID], *, skip_locked: bool = False
) -> dict[UUID, Ticket]:
    """The tickets there are, locked in the order of their ids; with ``skip_locked`` those that nobody else holds."""
    wanted = sorted(set(ticket_ids))
    rows = await connection.fetch(LOCK_FREE if skip_locked else LOCK, wanted) if wanted else []
    return {row["ticket_id"]: Ticket(**dict(row)) for row in rows}


async def find_ticket(pool: asyncpg.Pool, ticket_id: UUID) -> Ticket | None:
    """The ticket as we know it now, without a lock."""
    row = await pool.fetchrow(FIND, ticket_id)
    return Ticket(**dict(row)) if row else None


async def save_tickets(connection: Connection, tickets: Sequence[Ticket]) -> None:
    """Writes tickets, new or changed."""
    if not tickets:
        return
    rows = sorted(tickets, key=lambda ticket: ticket.ticket_id)
    await connection.execute(
        SAVE,
        [row.ticket_id for row in rows],
        [row.ticket_no for row in rows],
        [row.member_id for row in rows],
        [row.identity for row in rows],
        [row.identity_proof for row in rows],
        [row.problem_type for row in rows],
        [row.version for row in rows],
        [row.level for row in rows],
        [row.opened for row in rows],
        [row.merged for row in rows],
        [row.ended for row in rows],
    )
