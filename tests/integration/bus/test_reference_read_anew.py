"""Reference data is read anew when its log is another one or its tombstones may be gone; what is gone is forgotten."""

import asyncio

from shared.contracts import topics
from tests.integration.bus.asking import (
    EVERYTHING,
    SOON,
    act,
    stop,
    tell_member,
    until_done,
    until_it_says,
    until_members,
)
from tests.integration.bus.conftest import Toy
from tests.integration.bus.topics_changed import Topics


async def test_a_member_deleted_while_nobody_listened(toy: Toy, administrator: Topics) -> None:
    """One whose tombstone is gone before a service is back is forgotten all the same, and no other is."""
    gone, stays, late = (f"{toy.run}-{name}" for name in ("gone", "stays", "late"))
    toy.start(TOY_TOPICS=EVERYTHING)
    await tell_member(toy, gone)
    await tell_member(toy, stays)
    await until_members(toy, gone, stays)
    stop(toy)
    await toy.database.execute("update routing.place set level_at = now() - interval '100 days'")
    # compaction would have taken the tombstone: here the topic has none because it was filled anew
    await administrator.drop(topics.MEMBER)
    await administrator.make()
    await tell_member(toy, stays, 2)
    await tell_member(toy, late)
    await toy.database.execute("update routing.place set topic_id = null, log_start = 0, log_end = 0")
    await toy.database.execute("update routing.consumer_offset set next_off = 0 where topic = $1", topics.MEMBER.name)
    toy.start(TOY_TOPICS=EVERYTHING, **SOON)
    await until_it_says(toy, "bus.place_changed", "tombstones_gone", "read_anew")
    await until_members(toy, stays, late)


async def test_reference_data_made_anew_while_running(toy: Toy, administrator: Topics) -> None:
    """Members who are not in the topic that was made anew are forgotten; those who are stay known throughout."""
    gone, stays, late = (f"{toy.run}-{name}" for name in ("gone", "stays", "late"))
    toy.start(TOY_TOPICS=EVERYTHING, **SOON)
    await tell_member(toy, gone)
    await tell_member(toy, stays, 7)
    await until_members(toy, gone, stays)
    await administrator.drop(topics.MEMBER)
    await administrator.make()
    await asyncio.sleep(3)
    await until_members(toy, gone, stays)  # an empty topic says nothing about anybody
    await tell_member(toy, stays, 7)
    await tell_member(toy, late)
    await until_members(toy, stays, late)


async def test_a_reading_that_is_interrupted(toy: Toy, administrator: Topics) -> None:
    """A service killed while it reads anew goes on with it, and forgets no sooner than it has read all."""
    names = [f"{toy.run}-{number}" for number in range(40)]
    toy.start(TOY_TOPICS=EVERYTHING)
    for name in names:
        await tell_member(toy, name)
    await until_members(toy, *names)
    stop(toy)
    await administrator.drop(topics.MEMBER)
    await administrator.make()
    for name in names[:30]:
        await tell_member(toy, name, 2)
    for point in ("after_claim", "after_fence", "before_commit"):
        assert toy.start(TOY_TOPICS=EVERYTHING, KEFU_BUS_FAULT=point, **SOON).wait(40) != 0
        await until_members(toy, *names)
    toy.start(TOY_TOPICS=EVERYTHING, **SOON)
    await until_members(toy, *names[:30])


async def test_a_topic_that_is_read_since_an_upgrade_is_read_from_its_beginning(toy: Toy) -> None:
    """A release that reads one topic more hears of everything that lies there already, though it read others before."""
    old, fresh = f"{toy.run}-old", f"{toy.run}-fresh"
    await tell_member(toy, old)
    toy.start(TOY_TOPICS=topics.ACTION.name)
    await act(toy, 0, 1)
    await until_done(toy, 0)
    stop(toy)
    toy.start(TOY_TOPICS=f"{topics.ACTION.name},{topics.MEMBER.name}")
    await tell_member(toy, fresh)
    await until_members(toy, old, fresh)
