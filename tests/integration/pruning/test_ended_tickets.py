"""What ended long ago goes, with all that hangs on it; everything else stays."""

import asyncio

from shared.contracts import topics
from tests.integration.pruning.conftest import Aged, of

GREETING = """
insert into contact (channel, contact_id, rule, identity, sender, sender_sealed, content_sealed, received_at,
                     handled_at)
values ('chat', $1, 'waiting', 'none', '', '', '', now() - make_interval(days => $2),
        now() - make_interval(days => $3))
"""
ORDERS = """
insert into platform_order (order_no, member_id, status, version, changed_at)
select name, 'm', 'placed', 1, now() - make_interval(days => $2) from unnest($1::text[]) as name
"""
KEYS = """
insert into reference_key (topic, key, part, generation)
select $1, convert_to(name, 'UTF8'), 0, 1 from unnest($2::text[]) as name
"""
WAITING = "insert into waiting_contact (channel, contact_id, sender, due_at) values ('chat', $1, '', now())"


async def test_only_tickets_that_ended_long_ago_go(aged: Aged) -> None:
    """Old and open stays, ended lately stays however old, and of what goes nothing is left anywhere."""
    await aged.tickets("open", 1500, days=400, ended=False, changed_days=400)
    await aged.tickets("lately", 20, days=400, ended=True, changed_days=80)
    await aged.tickets("young", 20, days=1, ended=True, changed_days=1)
    await aged.tickets("over", 2500, days=300, ended=True, changed_days=100)
    await aged.hang_on()
    await aged.prune()
    assert await aged.count("ticket") == 1540
    assert await aged.count("seen") == 2 * 1540
    for table in {"intake": ["contact"], "routing": ["timer"], "notify": ["intent"]}.get(aged.service, []):
        assert await aged.count(table) == 1540


@of("intake")
async def test_contacts_without_a_ticket_go_by_their_age(aged: Aged) -> None:
    """A greeting nothing followed goes when it is old; what a channel told late stays, and what is young."""
    for contact_id, received, handled in (("old", 100, 100), ("told-late", 100, 1), ("young", 1, 1)):
        await aged.pool.execute(GREETING, contact_id, received, handled)
        await aged.pool.execute(WAITING, contact_id)
    await aged.prune()
    left = await aged.pool.fetch("select contact_id from contact join waiting_contact using (channel, contact_id)")
    assert {row["contact_id"] for row in left} == {"told-late", "young"}
    assert await aged.count("waiting_contact") == 2


async def test_what_was_seen_of_tickets_that_are_not_ours_goes(aged: Aged) -> None:
    """Rows of `seen` whose ticket was never here, or is no more, do not stay for ever."""
    await aged.tickets("gone", 1200, days=200, ended=True, changed_days=1)
    await aged.pool.execute("delete from ticket")
    await aged.tickets("here", 5, days=200, ended=False, changed_days=1)
    await aged.pool.execute("insert into seen values ('0 no ticket', 's', 1)")
    await aged.prune()
    assert await aged.count("seen") == 10


async def test_replicas_prune_side_by_side(aged: Aged) -> None:
    """Two at once pass over what the other holds, and leave nothing behind."""
    await aged.tickets("over", 4000, days=300, ended=True, changed_days=100)
    await aged.hang_on()
    await asyncio.gather(aged.prune(), aged.prune())
    await aged.prune()
    assert await aged.count("ticket") == 0
    assert await aged.count("seen") == 0


async def test_a_locked_ticket_waits_for_the_next_walk(aged: Aged) -> None:
    """A ticket somebody works on is passed over, not waited for."""
    await aged.tickets("over", 3, days=300, ended=True, changed_days=100)
    async with aged.pool.acquire() as connection, connection.transaction():
        await connection.execute("select 1 from ticket order by ticket_id limit 1 for update")
        await asyncio.wait_for(aged.prune(), 40)
        assert await aged.count("ticket") == 1
    await aged.prune()
    assert await aged.count("ticket") == 0


async def test_pruning_reads_only_what_is_old(aged: Aged) -> None:
    """Among many young tickets the walk and all it deletes are found by index: no table is read through."""
    await aged.tickets("young", 30_000, days=1, ended=True, changed_days=1)
    await aged.tickets("over", 3_000, days=300, ended=True, changed_days=100)
    await aged.hang_on()
    await aged.pool.execute("analyze")
    before = await aged.tables_read_through()
    await aged.prune()
    assert await aged.tables_read_through() == before
    assert await aged.count("ticket") == 30_000


@of("intake")
async def test_old_orders_go_with_the_keys_they_were_heard_by(aged: Aged) -> None:
    """Of an order that is old nothing stays, its key neither; a member of the same name and young orders do."""
    old, young = [f"old-{number}-订单" for number in range(30)], ["young"]
    await aged.pool.execute(ORDERS, old, 1200)
    await aged.pool.execute(ORDERS, young, 1)
    await aged.pool.execute(KEYS, topics.ORDER.name, [*old, *young])
    await aged.pool.execute(KEYS, topics.MEMBER.name, old)
    async with aged.pool.acquire() as hearing, hearing.transaction():
        await hearing.execute("update reference_key set generation = 2 where key = convert_to($1, 'UTF8')", old[0])
        await aged.prune()
    left = await aged.pool.fetch("select topic, convert_from(key, 'UTF8') as name from reference_key")
    assert {row["name"] for row in left if row["topic"] == topics.ORDER.name} == {"young", old[0]}
    assert len(left) == len(old) + 2
    assert await aged.count("platform_order") == 1
