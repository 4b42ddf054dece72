"""A database put back from a backup counts from earlier numbers; what is given out goes on above the latest."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition

from shared.contracts import topics
from tests.integration.bus.asking import act, stop, until_it_says
from tests.integration.bus.conftest import Toy


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
