"""An outbox that an outage has filled: what is done with it costs what is taken, not what is there."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.bus import outbox
from tests.integration.own_database import KeptPublications, own_transactions
from tests.integration.plans import plan_of

ROWS = 120_000
WORKED_OFF = 36_000
"""Enough for fifteen rounds over each lane."""
LANES = 24
FILL = f"""
insert into outbox (lane, topic, part, key, value, header_names, header_values, sequenced, created_at)
select 1000 + n % {LANES}, 'support.ticket.v1', n % 12, 'k', convert_to(repeat('x', 200), 'utf8'), '{{}}', '{{}}', true,
       now() - interval '1 hour' + n * interval '1 millisecond'
from generate_series(1, $1::int) as n
"""


@pytest.fixture
async def full(servers: dict[str, str]) -> AsyncIterator[tuple[outbox.Relay, asyncpg.Pool, KeptPublications]]:
    """The relay of a service whose broker was away for an hour, before any statistics were gathered."""
    async with own_transactions(servers["DATABASE_URL"], "sla") as (transactions, kept):
        await transactions.pool.execute(FILL, WORKED_OFF)
        yield transactions.relay, transactions.pool, kept


@pytest.mark.parametrize("analysed", ["while empty", "never", "while full"])
async def test_taking_from_a_full_outbox_reads_only_what_is_taken(servers: dict[str, str], analysed: str) -> None:
    """The next rows of 24 lanes are found by the key, whatever the statistics say, and nothing else is read."""
    async with (
        own_transactions(servers["DATABASE_URL"], "sla") as (transactions, _),
        transactions.pool.acquire() as connection,
    ):
        if analysed == "while empty":
            await connection.execute("analyze outbox")
        await connection.execute(FILL, ROWS)
        if analysed == "while full":
            await connection.execute("analyze outbox")
        lanes = list(range(1000, 1000 + LANES))
        for kept in (False, True):
            async with connection.transaction():
                await connection.fetch(outbox.LOCK, lanes)
                plan = await plan_of(connection, outbox.TAKE, lanes, 80, kept=kept)
            assert plan.read_whole() == set(), (kept, plan)
            assert plan.pages < 12 * 80 * LANES, (kept, plan)


async def test_what_was_left_behind_is_found_by_lane(full: tuple[outbox.Relay, asyncpg.Pool, KeptPublications]) -> None:
    """The second's look at which lanes wait, and for how long, takes a step for each lane and none for each row."""
    relay, pool, _ = full
    for kept in (False, True):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(outbox.PLAN_BY_KEY)
            plan = await plan_of(connection, outbox.LANES, kept=kept)
        assert plan.read_whole() == set(), (kept, plan)
        assert plan.pages < 8 * (LANES + 1), (kept, plan)
    assert 3590 < await relay.oldest_seconds() < 3700


async def test_an_outage_is_worked_off(full: tuple[outbox.Relay, asyncpg.Pool, KeptPublications]) -> None:
    """All of it is published once, in the order of each lane, and two processes that do it share the lanes."""
    relay, pool, kept = full
    counts = await asyncio.gather(relay.sweep(), relay.sweep())
    assert sum(counts) == len(kept.published) == WORKED_OFF
    by_lane: dict[int, list[int]] = {}
    for record in kept.published:
        sequence = dict(record.headers)["ce_sequence"]
        assert sequence is not None
        by_lane.setdefault(record.partition, []).append(int(sequence))
    odd = {part: {sequence % LANES for sequence in found} for part, found in by_lane.items()}
    assert all(len(lanes) == 2 for lanes in odd.values())
    for found in by_lane.values():
        for lane in {sequence % LANES for sequence in found}:
            mine = [sequence for sequence in found if sequence % LANES == lane]
            assert mine == sorted(mine)
    assert await pool.fetchval("select count(*) from outbox") == 0
    assert await relay.oldest_seconds() == 0.0


async def test_lanes_of_any_length_are_emptied_in_one_go(
    full: tuple[outbox.Relay, asyncpg.Pool, KeptPublications],
) -> None:
    """Lanes of very different length are all emptied in one go."""
    relay, pool, kept = full
    await pool.execute("update outbox set lane = 1000 where lane <> 1001")
    assert await relay.publish([1000, 1001, 1002]) == WORKED_OFF == len(kept.published)
