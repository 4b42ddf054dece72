"""A log is not the one a service remembers: made anew, cut, passed by retention, or read by a database put back.

Whatever happens to the topics of outsiders, everything in what is there now is read, and it is said. Reference data is
read anew, and forgotten where it is gone. The lives of tickets stop a service.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from shared.bus.publisher import partition_of
from shared.bus.topics import create
from shared.contracts import topics
from tests.integration.bus.conftest import Toy

EVERYTHING = ",".join(topic.name for topic in (topics.ACTION, topics.MEMBER, topics.TICKET))
SOON = {"KEFU_BUS_PLACES_SECONDS": "0.5"}


class Topics:
    """What an administrator does to topics."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self.admin = AIOKafkaAdminClient(bootstrap_servers=servers)

    async def drop(self, *names: topics.Topic) -> None:
        """Deletes topics; returns when they are gone."""
        await self.admin.delete_topics([topic.name for topic in names])
        while {topic.name for topic in names} & set(await self.admin.list_topics()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def make(self) -> None:
        """Creates what is missing, as the job does."""
        assert await create(self._servers)

    async def cut_beginning(self, topic: topics.Topic, before: dict[int, int]) -> None:
        """Removes the records of partitions before these offsets, as retention does."""
        await self.admin.delete_records(
            {TopicPartition(topic.name, part): RecordsToDelete(before_offset=offset) for part, offset in before.items()}
        )


@pytest.fixture
async def administrator(servers: dict[str, str]) -> AsyncIterator[Topics]:
    """Somebody who may do anything to the topics; they are whole again afterwards."""
    made = Topics(servers["KAFKA_BOOTSTRAP_SERVERS"])
    await made.admin.start()
    try:
        yield made
    finally:
        await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
        await made.admin.close()


async def tell_member(toy: Toy, name: str, version: int | None = 1) -> None:
    """The platform changes a member, or deletes one."""
    document = {"member_id": name, "version": version, "tier": "gold"}
    value = None if version is None else json.dumps(document).encode()
    await toy.producer.send_and_wait(topics.MEMBER.name, value, name.encode())


async def until_members(toy: Toy, *names: str) -> None:
    """Waits until exactly these members of the test are known."""

    async def are_known() -> bool:
        rows = await toy.database.fetch("select member_id from routing.known where member_id like $1", f"{toy.run}%")
        return {row["member_id"] for row in rows} == set(names)

    await toy.until(are_known)


async def until_it_says(toy: Toy, *words: str) -> None:
    """Waits until the log of the service has a line with all these words."""

    async def said() -> bool:
        return any(all(word in line for word in words) for line in toy.log.read_text().splitlines())

    await toy.until(said)


async def act(toy: Toy, first: int, count: int) -> None:
    """So many actions on as many tickets, over all partitions."""
    for number in range(first, first + count):
        await toy.act(toy.ticket(number), f"{toy.run}/{number}")


def stop(toy: Toy) -> None:
    """Ends what runs."""
    for process in toy.processes:
        process.kill()
        process.wait()


async def test_made_anew_while_down(toy: Toy, administrator: Topics) -> None:
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


async def test_made_anew_while_running(toy: Toy, administrator: Topics) -> None:
    """The same while the service runs: it is noticed within seconds, and everything in the new topic is read."""
    await act(toy, 0, 36)
    toy.start(**SOON)
    await toy.until_counted(36)
    await administrator.drop(topics.ACTION)
    await administrator.make()
    await act(toy, 100, 60)
    await toy.until_counted(96)
    await act(toy, 200, 24)
    await toy.until_counted(120)
    assert all(count == 1 for count in (await toy.counts()).values())


async def test_gone_for_a_while(toy: Toy, administrator: Topics) -> None:
    """A topic that is gone is named while it is, and read from its start when it is back."""
    await act(toy, 0, 12)
    toy.start(**SOON)
    await toy.until_counted(12)
    await administrator.drop(topics.ACTION)
    await asyncio.sleep(6)
    await administrator.make()
    await act(toy, 100, 24)
    await toy.until_counted(36)


async def test_two_processes_and_a_topic_made_anew_twice(toy: Toy, administrator: Topics) -> None:
    """However many share the partitions and however often it happens, what was in the topic last is read once."""
    await act(toy, 0, 24)
    for _ in range(2):
        toy.start(**SOON)
    await toy.until_counted(24)
    for _ in range(2):
        await administrator.drop(topics.ACTION)
        await administrator.make()
    await act(toy, 100, 60)
    await toy.until_counted(84)
    toy.start(**SOON)  # and a rebalance on top
    await act(toy, 200, 24)
    await toy.until_counted(108)
    await asyncio.sleep(2)
    assert all(count == 1 for count in (await toy.counts()).values())


async def test_made_anew_under_load(toy: Toy, administrator: Topics) -> None:
    """A backlog that is being worked off when its topic is made anew spoils nothing of the new one."""
    await asyncio.gather(*(toy.act(toy.ticket(number), f"{toy.run}/{number}") for number in range(2000)))
    toy.start(**SOON, KEFU_BUS_MAX_RECORDS="20")
    await toy.until_counted(100)
    await administrator.drop(topics.ACTION)
    await administrator.make()
    await asyncio.gather(*(toy.act(toy.ticket(number), f"{toy.run}/{number}") for number in range(5000, 7000)))

    async def all_there() -> bool:
        return {toy.ticket(number) for number in range(5000, 7000)} <= (await toy.counts()).keys()

    await toy.until(all_there)
    assert all(count == 1 for count in (await toy.counts()).values())


async def test_passed_by_retention(toy: Toy, administrator: Topics) -> None:
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


async def test_a_database_ahead_of_its_broker(toy: Toy, administrator: Topics) -> None:
    """Where the log ends before our place, whatever lies in it is read; each action is known by its own id."""
    await act(toy, 0, 12)
    await toy.database.execute("update routing.consumer_offset set next_off = next_off + 1000")
    toy.start()
    await until_it_says(toy, "bus.place_changed", "cut", "start_anew")
    await toy.until_counted(12)


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


@pytest.mark.parametrize("written", ["", "nonsense", "[1]", '{"outbox_id_seq": "9"}', '{"no_such": 7}', '{"a": -1}'])
async def test_numbers_somebody_else_wrote(toy: Toy, written: str) -> None:
    """What stands where the numbers are kept, and is none, lifts nothing and stops nobody."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=toy.environment["KAFKA_BOOTSTRAP_SERVERS"], group_id=f"{toy.environment['TOY_GROUP']}.numbers"
    )
    place = TopicPartition(topics.TICKET.name, 0)
    consumer.assign([place])
    await consumer.start()
    await consumer.commit({place: OffsetAndMetadata(9, written)})
    await consumer.stop()
    await act(toy, 0, 1)
    toy.start()
    await toy.until_counted(1)
    assert "numbers_lifted" not in toy.log.read_text()


async def test_numbers_go_on_after_a_database_was_put_back(toy: Toy) -> None:
    """Events of a restored database have numbers above all those that were published before."""
    toy.start()
    await act(toy, 0, 30)
    await toy.until_counted(30)
    await toy.until_outbox_is_empty()
    await asyncio.sleep(2.5)
    stop(toy)
    before = await toy.database.fetchval("select last_value from routing.outbox_id_seq")
    await toy.database.execute("select setval('routing.outbox_id_seq', 5)")
    await act(toy, 100, 1)
    toy.start()
    await toy.until_counted(31)
    await toy.until_outbox_is_empty()
    await until_it_says(toy, "bus.numbers_lifted")
    assert await toy.database.fetchval("select last_value from routing.outbox_id_seq") > before
