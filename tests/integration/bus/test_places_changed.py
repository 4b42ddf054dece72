"""A log is not the one a service remembers: made anew, cut, passed by retention, or read by a database put back.

Whatever happens to the topics of outsiders, everything in what is there now is read, and it is said. The lives of
tickets stop a service.
"""

import asyncio

from shared.bus.publisher import partition_of
from shared.contracts import topics
from tests.integration.bus.asking import EVERYTHING, SOON, act, stop, until_done, until_it_says
from tests.integration.bus.conftest import Toy
from tests.integration.bus.topics_changed import Topics


async def test_a_topic_made_anew_while_down_is_read_from_its_start(toy: Toy, administrator: Topics) -> None:
    """A topic of outsiders that was deleted, made anew and filled while nobody looked is read from its start."""
    await act(toy, 0, 36)
    toy.start()
    await toy.until_counted(36)
    await asyncio.sleep(1)
    stop(toy)
    await administrator.drop(topics.ACTION)
    await administrator.make()
    await act(toy, 100, 60)
    toy.start()
    await toy.until_counted(96)
    await until_it_says(toy, "bus.place_changed", "made_anew", topics.ACTION.name)
    assert all(count == 1 for count in (await toy.counts()).values())


async def test_a_topic_made_anew_while_running_is_read_from_its_start(toy: Toy, administrator: Topics) -> None:
    """The same while the service runs: it is noticed within seconds, and everything in the new topic is read."""
    await act(toy, 0, 36)
    toy.start(**SOON)
    await toy.until_counted(36)
    await administrator.drop(topics.ACTION)
    await administrator.make()
    await act(toy, 100, 60)
    await until_done(toy, *range(36), *range(100, 160))
    await act(toy, 200, 24)
    await until_done(toy, *range(200, 224))


async def test_a_topic_that_was_gone_is_read_when_it_is_back(toy: Toy, administrator: Topics) -> None:
    """A topic that is gone is named while it is, and read from its start when it is back."""
    await act(toy, 0, 12)
    toy.start(**SOON)
    await toy.until_counted(12)
    await administrator.drop(topics.ACTION)
    await asyncio.sleep(6)
    await administrator.make()
    await act(toy, 100, 24)
    await until_done(toy, *range(12), *range(100, 124))


async def test_two_processes_and_a_topic_made_anew_twice(toy: Toy, administrator: Topics) -> None:
    """However many share the partitions and however often it happens, what was in the topic last is read."""
    await act(toy, 0, 24)
    for _ in range(2):
        toy.start(**SOON)
    await toy.until_counted(24)
    for _ in range(2):
        await administrator.drop(topics.ACTION)
        await administrator.make()
    await act(toy, 100, 60)
    await until_done(toy, *range(24), *range(100, 160))
    toy.start(**SOON)  # and a rebalance on top
    await act(toy, 200, 24)
    await until_done(toy, *range(200, 224))


async def test_a_backlog_of_the_old_topic_spoils_nothing_of_the_new(toy: Toy, administrator: Topics) -> None:
    """A backlog that is being worked off when its topic is made anew spoils nothing of the new one."""
    await asyncio.gather(*(toy.act(toy.ticket(number), f"{toy.run}/{number}") for number in range(2000)))
    toy.start(**SOON, KEFU_BUS_MAX_RECORDS="20")
    await toy.until_counted(100)
    await administrator.drop(topics.ACTION)
    await administrator.make()
    await asyncio.gather(*(toy.act(toy.ticket(number), f"{toy.run}/{number}") for number in range(5000, 7000)))
    await until_done(toy, *range(5000, 7000))


async def test_what_retention_passed_is_said_to_be_lost(toy: Toy, administrator: Topics) -> None:
    """Actions that were removed unread are lost, and said to be; those that are there are done."""
    await act(toy, 0, 12)
    toy.start()
    await toy.until_counted(12)
    stop(toy)
    keys = [toy.ticket(number) for number in range(1000) if partition_of(toy.ticket(number).encode()) == 3][:4]
    for key in keys[:3]:
        await toy.act(key, f"{toy.run}/lost/{key}")
    consumer_end = await toy.end_of(topics.ACTION.name, 3)
    await administrator.cut_beginning(topics.ACTION, {3: consumer_end})
    await toy.act(keys[3], f"{toy.run}/kept")
    toy.start()
    await toy.until_counted(13)
    await until_it_says(toy, "bus.place_changed", "gone_unread", "start_anew")


async def test_a_database_ahead_of_its_broker_reads_whatever_is_there(toy: Toy, administrator: Topics) -> None:
    """Where the log ends before our place, whatever lies in it is read; each action is known by its own id."""
    await act(toy, 0, 12)
    await toy.database.execute("update routing.consumer_offset set next_off = next_off + 1000")
    toy.start()
    await until_it_says(toy, "bus.place_changed", "cut", "start_anew")
    await toy.until_counted(12)


async def test_the_lives_of_tickets_stop_a_service(toy: Toy, administrator: Topics) -> None:
    """A log of tickets that is another one is a person's matter: the service stops, says so, and does nothing."""
    toy.start(TOY_TOPICS=EVERYTHING, **SOON)
    await act(toy, 0, 3)
    await toy.until_counted(3)
    await toy.until_outbox_is_empty()
    await administrator.drop(topics.TICKET)
    await administrator.make()
    await until_it_says(toy, "bus.halted", topics.TICKET.name, "made_anew", "KEFU_BUS_ON_LOST_RECORDS=continue")
    await act(toy, 10, 3)
    await asyncio.sleep(2)
    assert sum((await toy.counts()).values()) == 3
    stop(toy)
    toy.start(TOY_TOPICS=EVERYTHING, KEFU_BUS_ON_LOST_RECORDS="continue")
    await toy.until_counted(6)
