"""A database put back from a backup counts from earlier numbers; what is given out goes on above the latest."""

import asyncio

from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition
from aiokafka.client import AIOKafkaClient

from shared.bus.faults import Faults
from shared.bus.numbers import Numbers
from shared.bus.outbox import Relay
from shared.bus.transactions import Transactions
from shared.contracts import topics
from shared.database.pool import open_pool
from tests.integration.bus.asking import act, stop, until_it_says
from tests.integration.bus.conftest import Toy
from tests.integration.bus.toy import SCHEMA
from tests.integration.own_database import KeptPublications

BY_SOMEBODY_ELSE = ("nonsense", "[1]", '{"outbox_id_seq": "9"}', '{"no_such": 7}', '{"a": -1}', "")


async def test_numbers_somebody_else_wrote_lift_nothing_and_stop_nobody(toy: Toy) -> None:
    """What stands where the numbers are kept, and is none, lifts nothing and stops nobody."""
    brokers, group = toy.environment["KAFKA_BOOTSTRAP_SERVERS"], toy.environment["TOY_GROUP"]
    place = TopicPartition(topics.TICKET.name, 0)
    client, faults = AIOKafkaClient(bootstrap_servers=brokers), Faults("")
    await client.bootstrap()
    async with (
        await open_pool(toy.environment["DATABASE_URL"], schema=SCHEMA, connections=1, application="test") as pool,
        AIOKafkaConsumer(bootstrap_servers=brokers, group_id=f"{group}.numbers") as somebody,
    ):
        somebody.assign([place])
        numbers = Numbers(Transactions(SCHEMA, pool, Relay(pool, KeptPublications(), faults), faults), group)
        for written in BY_SOMEBODY_ELSE:
            await somebody.commit({place: OffsetAndMetadata(9, written)})
            assert await numbers.lift(client) == {}, written
        await somebody.commit({place: OffsetAndMetadata(9, '{"outbox_id_seq": 9}')})
        assert (await numbers.lift(client)).keys() == {"outbox_id_seq"}
        await somebody.commit({place: OffsetAndMetadata(9, BY_SOMEBODY_ELSE[0])})
    await client.close()
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
