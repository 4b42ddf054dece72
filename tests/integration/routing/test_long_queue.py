"""A queue that nobody free can serve: however long it is, a round of matching does not walk through it."""

import pytest

from services.routing.domain.kinds import WaitingKind
from services.routing.loops.matching import Matching
from services.routing.store import queue, tickets
from shared.contracts import topics
from tests.integration.harness import record
from tests.integration.plans import Plan, plan_of
from tests.integration.routing.conftest import RULES, Routing

QUEUED = 60_000
FILL_MEMBERS = """
insert into member (member_id, advisor_agent_id, version)
select 'm-' || n, case when n % 50 = 0 then 'advisor-' || n % 7 end, 1 from generate_series(1, 60000) as n
"""
FILL = f"""
insert into ticket (ticket_id, ticket_no, member_id, tier, problem_type, urgency, opened_at, entered_at, queued_at,
                    rank_at, try_at, queue, state, lane, attempt, passed, level, agent_id, team, advisor_agent_id)
select gen_random_uuid(), 'T-' || n, 'm-' || (n % 60000 + 1), (array['standard', 'silver', 'gold'])[1 + n % 3],
       (array['refund', 'dispute'])[1 + n % 2], 'normal', now(), now(), now(),
       now() - n * interval '1 second', now() - interval '1 second', (array['refund', 'dispute'])[1 + n % 2],
       case when n > {QUEUED} then 'queued' else 'closed' end, 'normal', 0, '{{}}', 0, null, null,
       case when n % 50 = 0 then 'advisor-' || n % 7 end
from generate_series(1, {2 * QUEUED}) as n
"""


async def filled(routing: Routing) -> None:
    """A long queue of two types, as many ended tickets, and members some of whom have an advisor."""
    await routing.sql(FILL_MEMBERS)
    await routing.sql(FILL)
    await routing.sql("analyze")


async def pages_of_a_round(routing: Routing) -> int:
    """What the tables and their indexes were asked for by one round."""
    count = """select sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0))::int
               from pg_statio_user_tables"""
    async with routing.transactions.pool.acquire() as connection:
        await connection.execute("select pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        before = int(await connection.fetchval(count))
    async with routing.transactions.begin() as work:
        await Matching(RULES, 500)._round(work)
        await work.connection.execute("select pg_stat_force_next_flush()")
    async with routing.transactions.pool.acquire() as connection:
        await connection.execute("select pg_stat_clear_snapshot()")
        return int(await connection.fetchval(count)) - before


async def plan_for(routing: Routing, kinds: list[WaitingKind], advisors: list[str], *, kept: bool) -> Plan:
    """The plan of the search for the tickets of some kinds and advisors."""
    async with routing.transactions.pool.acquire() as connection:
        return await plan_of(
            connection,
            queue.LOCK_FIRST_OF,
            [kind.queue for kind in kinds],
            [kind.team or "" for kind in kinds],
            [kind.problem_type for kind in kinds],
            [kind.tier for kind in kinds],
            advisors,
            ["gold", "enterprise"],
            50,
            kept=kept,
        )


@pytest.mark.parametrize("kept", [False, True], ids=["fitted plan", "kept plan"])
async def test_nobody_walks_past_the_queue(routing: Routing, kept: bool) -> None:
    """Neither the kinds that wait, nor the first tickets of some, nor those of an advisor need the queue read."""
    await filled(routing)
    async with routing.transactions.pool.acquire() as connection:
        found = await queue.waiting_kinds(connection)
        kinds = await plan_of(connection, queue.KINDS, kept=kept)
        worth = await plan_of(connection, queue.WORTH_MATCHING, kept=kept)
        first = await plan_of(connection, queue.LOCK_FIRST, 50, kept=kept)
    assert len(found) == 6
    assert kinds.pages < 12 * (len(found) + 1), kinds
    assert "ticket" not in worth.read_whole(), worth
    assert first.pages < 20 * 50, first
    of_none = await plan_for(routing, [], [f"stranger-{n}" for n in range(50)], kept=kept)
    of_some = await plan_for(routing, found[:2], ["advisor-1", "advisor-2"], kept=kept)
    for plan in (kinds, first, of_none, of_some):
        assert not plan.read_whole() & {"ticket", "member"}, plan
    assert of_none.pages < 300, of_none
    assert of_some.pages < 5000, of_some


@pytest.mark.parametrize("skills_tiers", [({"other": 1}, None), ({}, ["enterprise"])], ids=["no skill", "no tier"])
async def test_a_round_for_nobody_is_cheap(
    routing: Routing, skills_tiers: tuple[dict[str, int], list[str] | None]
) -> None:
    """Free agents who may take none of 60,000 tickets cost a round that touches a few pages, and none is parked."""
    skills, tiers = skills_tiers
    await filled(routing)
    for number in range(20):
        await routing.agent(f"a-{number}", skills=skills, tiers=tiers, capacity=30)
    await routing.match()
    assert await pages_of_a_round(routing) < 2000
    assert await routing.value("select count(*) from ticket where state = 'queued' and try_at > now()") == 0


async def test_the_one_who_can_be_served_is_found(routing: Routing) -> None:
    """A ticket of the one kind somebody free knows is given away at once, from behind 60,000 others."""
    await filled(routing)
    await routing.agent("a-1", skills={"other": 1})
    ticket = await routing.ticket(problem_type="other")
    assert routing.events(ticket)[-1].agent_id == "a-1"


async def test_an_advisor_named_later_is_found(routing: Routing) -> None:
    """A waiting ticket goes to the advisor its member was given meanwhile, who knows nothing of its type."""
    await routing.agent("adv", skills={"dispute": 1})
    ticket = await routing.ticket(tier="enterprise")
    assert routing.said(ticket) == ["queued"]
    await routing.member("m-1", tier="enterprise", advisor_agent_id="adv")
    await routing.match()
    assert (routing.events(ticket)[-1].agent_id, routing.events(ticket)[-1].lane) == ("adv", "advisor")


async def test_an_advisor_who_is_no_longer_one(routing: Routing) -> None:
    """A member who lost their advisor is not looked for among that advisor's tickets."""
    await routing.agent("adv", skills={"dispute": 1}, presence="away")
    await routing.member("m-1", tier="enterprise", advisor_agent_id="adv")
    ticket = await routing.ticket(tier="enterprise")
    await routing.hear(record(topics.MEMBER, "m-1", None))
    await routing.agent("adv", version=2, skills={"dispute": 1})
    await routing.match()
    assert routing.said(ticket) == ["queued"]
    assert await routing.value("select advisor_agent_id from ticket") is None


async def test_tickets_are_locked_by_their_ids_without_reading_the_table(routing: Routing) -> None:
    """Tickets are locked by their ids, and their members read one by one."""
    await filled(routing)
    ids = [str(row) for row in [await routing.value("select ticket_id from ticket limit 1")]]
    async with routing.transactions.pool.acquire() as connection:
        plan = await plan_of(connection, tickets.LOCK, ids, kept=True)
    assert plan.read_whole() == set(), plan
