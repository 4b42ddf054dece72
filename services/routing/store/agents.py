"""Rows of agents: what the platform says of them, and the load routing gives them. Locked after the tickets."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg

from services.routing.domain.agent import Agent
from shared.contracts.reference import AgentChanged
from shared.database.connection import Connection

# Each column by its name: the migrations of a newer version may have added some, and this one has to go on working.
_SELECT: Final = """
select agent_id, team, skills, languages, tiers, capacity, presence, load, last_assigned_at, absent_since, gone
from agent
"""

LOCK: Final = f"{_SELECT} where agent_id = any($1::text[]) order by agent_id for update"

# Whom another replica is giving tickets right now counts as busy; waiting for them would make the replicas take turns.
LOCK_FREE: Final = f"""
{_SELECT} where agent_id = any($1::text[]) and presence = 'online' and load < capacity
order by agent_id for update skip locked
"""

PRESENT: Final = f"{_SELECT} where presence <> 'offline'"

FREE_TEAMS: Final = "select distinct team from agent where presence = 'online' and load < capacity"

# ``seats`` bounds ``load`` by a check of the table. It is the capacity, except for an agent whose capacity was
# lowered below what they hold: they keep that, and every ticket they let go of lowers the bound until it is the
# capacity again.
CHANGE: Final = """
insert into agent (agent_id, team, skills, languages, tiers, capacity, presence, version, seats, absent_since)
select agent_id, team, skills, languages::jsonb, tiers::jsonb, capacity, presence, version, capacity,
       case when presence = 'offline' then now() end
from unnest($1::text[], $2::text[], $3::jsonb[], $4::text[], $5::text[], $6::int[], $7::text[], $8::bigint[])
  as change (agent_id, team, skills, languages, tiers, capacity, presence, version)
on conflict (agent_id) do update set
    team = excluded.team, skills = excluded.skills, languages = excluded.languages, tiers = excluded.tiers,
    capacity = excluded.capacity, presence = excluded.presence, version = excluded.version,
    seats = greatest(excluded.capacity, agent.load), gone = false,
    absent_since = case when excluded.presence = 'offline' then coalesce(agent.absent_since, now()) end
where agent.version <= excluded.version or agent.gone
"""

# The row stays until its tickets are with somebody else.
GONE: Final = """
update agent set gone = true, presence = 'offline', absent_since = now() where agent_id = any($1::text[])
"""

# Only without tickets: an agent who is gone and holds some is still the one they have to be taken back from.
FORGET_GONE: Final = "delete from agent where gone and load = 0"

SAVE_LOAD: Final = """
update agent set load = saved.load, seats = greatest(agent.capacity, least(agent.seats, saved.load)),
    last_assigned_at = saved.last_assigned_at
from unnest($1::text[], $2::int[], $3::timestamptz[]) as saved (agent_id, load, last_assigned_at)
where agent.agent_id = saved.agent_id
"""

DRIFT: Final = """
select count(*) from agent where load <> (select count(*) from ticket where ticket.agent_id = agent.agent_id)
"""


async def lock_agents(connection: Connection, agent_ids: Iterable[str]) -> dict[str, Agent]:
    """The agents that exist, locked in the order every transaction takes."""
    wanted = sorted(set(agent_ids))
    rows = await connection.fetch(LOCK, wanted) if wanted else []
    return {row["agent_id"]: _agent(row) for row in rows}


async def lock_free_agents(connection: Connection, agent_ids: Iterable[str]) -> dict[str, Agent]:
    """Those of these agents who still have a free place and whom nobody else is giving tickets now, locked."""
    return {row["agent_id"]: _agent(row) for row in await connection.fetch(LOCK_FREE, sorted(set(agent_ids)))}


async def present_agents(connection: Connection) -> dict[str, Agent]:
    """Everybody who is not offline, as a moment's picture without locks."""
    return {row["agent_id"]: _agent(row) for row in await connection.fetch(PRESENT)}


async def free_teams(connection: Connection) -> frozenset[str]:
    """The teams in which somebody is free, as a moment's picture."""
    return frozenset(row["team"] for row in await connection.fetch(FREE_TEAMS))


async def change_agents(connection: Connection, changes: Sequence[AgentChanged], gone: Sequence[str]) -> None:
    """Takes over what the platform says: one change of each agent, the newest. An older version changes nothing."""
    if gone:
        await connection.execute(GONE, gone)
    if changes:
        ordered = sorted(changes, key=lambda change: change.agent_id)
        await connection.execute(
            CHANGE,
            [change.agent_id for change in ordered],
            [change.team for change in ordered],
            [change.skills for change in ordered],
            [json.dumps(change.languages) for change in ordered],
            [None if change.tiers is None else json.dumps(change.tiers) for change in ordered],
            [change.capacity for change in ordered],
            [change.presence for change in ordered],
            [change.version for change in ordered],
        )


async def save_loads(connection: Connection, agents: Sequence[Agent]) -> None:
    """Writes the load of agents locked before."""
    if agents:
        await connection.execute(
            SAVE_LOAD,
            [agent.agent_id for agent in agents],
            [agent.load for agent in agents],
            [agent.last_assigned_at for agent in agents],
        )


async def forget_gone(connection: Connection) -> None:
    """Deletes agents the platform deleted, once nothing of theirs is left."""
    await connection.execute(FORGET_GONE)


async def drifted(connection: Connection) -> int:
    """How many agents have a load that is not the number of their tickets. Always 0, or something is wrong."""
    return int(await connection.fetchval(DRIFT))


def _agent(row: asyncpg.Record) -> Agent:
    return Agent(
        agent_id=row["agent_id"],
        team=row["team"],
        skills=row["skills"],
        languages=tuple(row["languages"]),
        tiers=None if row["tiers"] is None else frozenset(row["tiers"]),
        capacity=row["capacity"],
        presence=row["presence"],
        load=row["load"],
        last_assigned_at=row["last_assigned_at"],
        absent_since=row["absent_since"],
        gone=row["gone"],
    )
