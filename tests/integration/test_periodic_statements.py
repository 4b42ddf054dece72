"""What services ask their databases again and again: none of it reads a large table from end to end."""

import itertools

from services.notify.store import intents
from services.routing.store import pending_actions
from services.routing.store import queue as routing_queue
from services.routing.store import tickets as routing_tickets
from shared.bus import place_store, reference_keys
from shared.contracts import topics
from shared.timers import timers
from tests.integration.own_database import own_transactions
from tests.integration.plans import plan_of

ROWS = 100_000
KEPT = (False, True)
"""By the plan that fits the values, and by the one that is kept for all."""
TICKETS = f"""
insert into ticket (ticket_id, ticket_no, member_id, tier, problem_type, urgency, opened_at, entered_at, queued_at,
                    rank_at, try_at, queue, state, lane, attempt, passed, level, agent_id)
select gen_random_uuid(), 'T-' || n, 'm-' || n, 'gold', 'refund', 'normal', now(), now(), now(), now(), now(), 'refund',
       case when n % 100 = 0 then 'accepted' else 'closed' end, 'normal', 0, '{{}}', 0,
       case when n % 100 = 0 then 'a-' || n % 700 end
from generate_series(1, {ROWS}) as n
"""
AGENTS = """
insert into agent (agent_id, team, skills, languages, capacity, presence, version, load, seats)
select 'a-' || n, 'frontline', '{}', '[]', 9, 'online', 1, 0, 9 from generate_series(1, 700) as n
"""
PENDING = f"""
insert into pending_action (action_id, ticket_id, keep_until, sealed)
select 'a-' || n, gen_random_uuid(), now() + interval '1 minute', 'x' from generate_series(1, {ROWS}) as n
"""
TIMERS = f"""
insert into timer (ticket_id, kind, due_at, data)
select ticket_id, 'k', now() + interval '1 hour', '{{}}' from ticket limit {ROWS}
"""
SLA_TICKETS = f"""
insert into ticket (ticket_id, ticket_no, tier, clocks)
select gen_random_uuid(), 'T-' || n, 'gold', '{{}}' from generate_series(1, {ROWS}) as n
"""
NOTIFY_TICKETS = f"""
insert into ticket (ticket_id, ticket_no, identity, problem_type, version, level, opened, merged)
select lpad(to_hex(n), 32, '0')::uuid, 'T-' || n, 'none', 'refund', 1, 0, true, false
from generate_series(1, {ROWS}) as n
"""
INTENTS = f"""
insert into intent (notice_id, ticket_id, kind, version, channel, state, template_version, cause, planned_at,
                    expires_at, due_at, attempt, contact_entries)
select gen_random_uuid(), lpad(to_hex(n), 32, '0')::uuid, 'opened', 1, 'sms', 'delivered', 1, 'c', now(), now(),
       case when n % 1000 = 0 then now() + interval '1 hour' end, 1, '{{}}' from generate_series(1, {ROWS}) as n
"""
KEYS = f"""
insert into reference_key (topic, key, part, generation)
select '{topics.MEMBER.name}', convert_to('m-' || n, 'UTF8'), n % 12, 1 from generate_series(1, {ROWS}) as n
"""


async def test_routings_loops_cost_what_they_find(servers: dict[str, str]) -> None:
    """Due timers, absent agents, kept actions and figures cost what they find, over 100,000 tickets."""
    async with (
        own_transactions(servers["DATABASE_URL"], "routing") as (transactions, _),
        transactions.pool.acquire() as connection,
    ):
        for statement in (TICKETS, AGENTS, TIMERS, PENDING, "analyze"):
            await connection.execute(statement)
        asked = (
            (timers.CLAIM, (500,), 100),
            (routing_tickets.LOCK_ABSENT, (60.0, 500), 200),
            (routing_queue.WORTH_MATCHING, (), 50),
            (routing_queue.KINDS, (), 50),
            (routing_queue.WAITING, (), 50),
            (pending_actions.ARRIVED, (200,), 2000),
            (pending_actions.EXPIRED, (200,), 50),
        )
        for (statement, values, pages), kept in itertools.product(asked, KEPT):
            plan = await plan_of(connection, statement, *values, kept=kept)
            assert not plan.read_whole() & {"ticket", "timer", "pending_action"}, (statement, kept, str(plan))
            assert plan.pages < pages, (statement, kept, str(plan))


async def test_timers_that_are_not_due_cost_nothing(servers: dict[str, str]) -> None:
    """100,000 timers that are not due cost nothing."""
    async with (
        own_transactions(servers["DATABASE_URL"], "sla") as (transactions, _),
        transactions.pool.acquire() as connection,
    ):
        for statement in (SLA_TICKETS, TIMERS, "analyze"):
            await connection.execute(statement)
        for kept in KEPT:
            plan = await plan_of(connection, timers.CLAIM, 500, kept=kept)
            assert (plan.read_whole(), plan.pages < 100) == (set(), True), (kept, str(plan))


async def test_due_notices_are_found_among_many(servers: dict[str, str]) -> None:
    """What is due, how late it is and how much is in doubt is found among 100,000 notices by what is due at all."""
    async with (
        own_transactions(servers["DATABASE_URL"], "notify") as (transactions, _),
        transactions.pool.acquire() as connection,
    ):
        for statement in (NOTIFY_TICKETS, INTENTS, "analyze"):
            await connection.execute(statement)
        asked = ((intents.DUE, (100,)), (intents.DUE_LATE, ()), (intents.IN_DOUBT, ()))
        for (statement, values), kept in itertools.product(asked, KEPT):
            plan = await plan_of(connection, statement, *values, kept=kept)
            assert (plan.read_whole(), plan.pages < 200) == (set(), True), (statement, kept, str(plan))


async def test_keys_a_reading_did_not_bring_are_found_among_many(servers: dict[str, str]) -> None:
    """Looking for what a reading did not bring finds nothing among 100,000 keys without looking at them."""
    async with (
        own_transactions(servers["DATABASE_URL"], "notify") as (transactions, _),
        transactions.pool.acquire() as connection,
    ):
        for statement in (KEYS, "analyze"):
            await connection.execute(statement)
        for kept in KEPT:
            plan = await plan_of(connection, reference_keys.UNHEARD, topics.MEMBER.name, 3, 1, 500, kept=kept)
            assert (plan.read_whole(), plan.pages < 100) == (set(), True), (kept, str(plan))
            recall = await plan_of(connection, place_store.RECALL, [topics.MEMBER.name], [3], kept=kept)
            assert recall.pages < 10
