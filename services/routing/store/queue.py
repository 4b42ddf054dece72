"""Tickets that wait for an agent: found by what an agent may take, at a cost that does not grow with the queue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.routing.domain.kinds import WaitingKind
from services.routing.domain.ticket import Ticket
from services.routing.store.tickets import SELECT, ticket_of
from shared.database.connection import Connection

# In the order of an index, for those that wait may lie behind all that have ended.
WORTH_MATCHING: Final = """
select coalesce((select true from ticket where state = 'queued' and try_at <= now()
                 order by rank_at, ticket_id limit 1), false)
   and exists (select from agent where presence = 'online' and load < capacity)
"""

# From kind to kind along the index ticket_queued_kind; no team is the empty one there.
KINDS: Final = """
with recursive kind as (
    (select queue, coalesce(team, '') as team, problem_type, tier from ticket where state = 'queued'
     order by queue, coalesce(team, ''), problem_type, tier limit 1)
    union all
    select next.queue, next.team, next.problem_type, next.tier from kind cross join lateral (
        select queue, coalesce(team, '') as team, problem_type, tier from ticket
        where state = 'queued' and (queue, coalesce(team, ''), problem_type, tier)
            > (kind.queue, kind.team, kind.problem_type, kind.tier)
        order by queue, coalesce(team, ''), problem_type, tier limit 1
    ) as next
)
select queue, nullif(team, '') as team, problem_type, tier from kind
"""

LOCK_FIRST: Final = f"""
{SELECT} where state = 'queued' and try_at <= now()
order by rank_at, ticket_id limit $1 for update skip locked
"""

# The first of each kind, and of each advisor; twice as many as are wanted, for other replicas may hold some.
LOCK_FIRST_OF: Final = f"""
with found as materialized (
    select mine.ticket_id, mine.rank_at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as kind (queue, team, problem_type, tier)
    cross join lateral (
        select ticket_id, rank_at from ticket
        where state = 'queued' and queue = kind.queue and coalesce(team, '') = kind.team
            and problem_type = kind.problem_type and tier = kind.tier and try_at <= now()
        order by rank_at, ticket_id limit 2 * $7::int
    ) as mine
    union
    select mine.ticket_id, mine.rank_at from unnest($5::text[]) as free (agent_id) cross join lateral (
        select ticket_id, rank_at from ticket
        where state = 'queued' and advisor_agent_id = free.agent_id and team is null
            and tier = any($6::text[]) and try_at <= now()
        order by rank_at, ticket_id limit 2 * $7::int
    ) as mine
), first as materialized (
    select ticket_id from found order by rank_at, ticket_id limit 2 * $7::int
)
{SELECT} where ticket_id = any(array(select ticket_id from first)) and state = 'queued' and try_at <= now()
order by rank_at, ticket_id limit $7::int for update skip locked
"""

PARK: Final = "update ticket set try_at = $2 where ticket_id = any($1::uuid[])"

OF_MEMBERS: Final = "select ticket_id from ticket where state = 'queued' and member_id = any($1::text[])"

# Beside the member's own row the ticket keeps the advisor, to be found by.
FOLLOW_ADVISORS: Final = """
update ticket
set advisor_agent_id = (select advisor_agent_id from member where member.member_id = ticket.member_id)
where ticket_id = any($1::uuid[])
"""

WAITING: Final = """
select queue, count(*) as tickets, extract(epoch from now() - min(queued_at))::float8 as oldest
from ticket where state = 'queued' group by queue
"""


async def worth_matching(connection: Connection) -> bool:
    """Whether there is a ticket to give and an agent to take one."""
    return bool(await connection.fetchval(WORTH_MATCHING))


async def waiting_kinds(connection: Connection) -> list[WaitingKind]:
    """Every kind of which a ticket waits."""
    return [WaitingKind(**row) for row in await connection.fetch(KINDS)]


async def lock_first(connection: Connection, limit: int) -> list[Ticket]:
    """Queued tickets nobody else is looking at, best place first."""
    return [ticket_of(row) for row in await connection.fetch(LOCK_FIRST, limit)]


async def lock_first_of(
    connection: Connection, kinds: Sequence[WaitingKind], advisors: Sequence[str], tiers: Sequence[str], limit: int
) -> list[Ticket]:
    """The same of these kinds, and of members of these ``tiers`` whose advisor is among ``advisors``."""
    rows = await connection.fetch(
        LOCK_FIRST_OF,
        [kind.queue for kind in kinds],
        [kind.team or "" for kind in kinds],
        [kind.problem_type for kind in kinds],
        [kind.tier for kind in kinds],
        advisors,
        tiers,
        limit,
    )
    return [ticket_of(row) for row in rows]


async def park(connection: Connection, ticket_ids: Sequence[UUID], until: datetime) -> None:
    """Nobody looks at these for a moment, so that the ones behind them are looked at."""
    await connection.execute(PARK, ticket_ids, until)


async def queued_of_members(connection: Connection, member_ids: Sequence[str]) -> set[UUID]:
    """The tickets of these members that wait."""
    return {row["ticket_id"] for row in await connection.fetch(OF_MEMBERS, member_ids)} if member_ids else set()


async def follow_advisors(connection: Connection, ticket_ids: Sequence[UUID]) -> None:
    """The members of these tickets, which are locked, may have another advisor now."""
    if ticket_ids:
        await connection.execute(FOLLOW_ADVISORS, ticket_ids)


async def waiting_by_queue(connection: Connection) -> dict[str, tuple[int, float]]:
    """Queue -> tickets waiting there, and seconds the oldest has."""
    return {row["queue"]: (row["tickets"], row["oldest"]) for row in await connection.fetch(WAITING)}
