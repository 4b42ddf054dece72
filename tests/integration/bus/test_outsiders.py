"""What others may do with their clients: number, compress, use transactions, send what no column holds."""

import asyncio
import signal

from aiokafka import AIOKafkaProducer

from shared.contracts import topics
from tests.integration.bus.conftest import TYPE, Toy
from tests.integration.bus.toy import TOO_BIG

DEAD_LETTERS = topics.ACTION.dead_letters("routing")


def an_action(toy: Toy, name: str) -> bytes:
    """A good action on the first ticket of the test."""
    return (
        f'{{"action_id": "{name}", "ticket_id": "{toy.ticket(1)}", "kind": "accept",'
        f' "actor": {{"kind": "agent", "id": "a"}}}}'
    ).encode()


async def test_the_numbers_of_others_mean_nothing_to_us(toy: Toy) -> None:
    """An outsider that numbers its events from 1 again loses none of them but one whose subject no database holds."""
    for number, subject in ((5, toy.ticket(1)), (6, toy.ticket(1)), (7, "a\0b"), (1, toy.ticket(1))):
        numbered = [("ce_source", b"crm"), ("ce_subject", subject.encode()), ("ce_sequence", str(number).encode())]
        await toy.send(toy.ticket(1), an_action(toy, f"{toy.run}/{number}"), [TYPE, *numbered])
    toy.start()
    await toy.until_counted(3)
    await toy.until_outbox_is_empty()
    (letter,) = await toy.said(DEAD_LETTERS)
    assert dict(letter.headers)["dlq_exception"] == b"bad_attribute"


async def test_several_brokers_are_named_and_one_is_down(toy: Toy) -> None:
    """A service starts whatever stands around the names, with the first broker down, and a name left out."""
    await toy.act(toy.ticket(1), f"{toy.run}/1")
    up = toy.environment["KAFKA_BOOTSTRAP_SERVERS"]
    toy.start(KAFKA_BOOTSTRAP_SERVERS=f" 127.0.0.1:1, {up} ,, 127.0.0.1:2,")
    await toy.until_counted(1)
    await toy.until_outbox_is_empty()


async def test_a_value_no_column_holds_is_given_up_alone(toy: Toy) -> None:
    """What the driver refuses is a dead letter that quotes nothing, and the records around it are handled."""
    for number in range(3):
        await toy.act(toy.ticket(1), f"{toy.run}/{number}", TOO_BIG if number == 1 else None)
    toy.start()
    await toy.until_counted(2)
    await toy.until_outbox_is_empty()
    (letter,) = await toy.said(DEAD_LETTERS)
    told = dict(letter.headers)
    assert told["dlq_message"] == b"a value does not fit its column (SQLSTATE 22000)"
    assert str(2**63) not in toy.log.read_text()


async def test_a_header_no_database_holds_loses_nothing(toy: Toy) -> None:
    """A bad record with a NUL in the name of a header is a dead letter like any other."""
    await toy.send(toy.ticket(1), b"{", [TYPE, ("a\0b", b"\0")])
    await toy.act(toy.ticket(1), f"{toy.run}/1")
    toy.start()
    await toy.until_counted(1)
    await toy.until_outbox_is_empty()
    (letter,) = await toy.said(DEAD_LETTERS)
    assert (letter.value, dict(letter.headers)["a\ufffdb"]) == (b"{", b"\0")


async def test_a_record_larger_than_any_topic_stops_nobody(toy: Toy) -> None:
    """Compressed, a record passes the broker that no topic takes uncompressed; it is not unpacked, but told of."""
    producer = AIOKafkaProducer(
        bootstrap_servers=toy.environment["KAFKA_BOOTSTRAP_SERVERS"],
        compression_type="gzip",
        max_batch_size=30_000_000,
        max_request_size=30_000_000,
    )
    async with producer:
        sent = await producer.send_and_wait(
            topics.ACTION.name, b"x" * 20_000_000, toy.ticket(1).encode(), headers=[TYPE]
        )
    await toy.act(toy.ticket(1), f"{toy.run}/1")
    toy.start()
    await toy.until_counted(1)
    await toy.until_outbox_is_empty()
    letters = await toy.said(DEAD_LETTERS, of=None)
    (told,) = [
        told
        for letter in letters
        if (told := dict(letter.headers))["dlq_offset"] == str(sent.offset).encode()
        and letter.partition == sent.partition
    ]
    assert told["dlq_exception"] == b"too_large"
    assert (told["batch_begin"], told["batch_end"]) == (b"%d" % sent.offset, b"%d" % (sent.offset + 1))
    assert int(told["batch_bytes"]) < 100_000
    assert len(told["batch_sha256"]) == 64


async def test_the_end_of_a_transaction_is_no_record_that_waits(toy: Toy) -> None:
    """The marker behind a transaction is never handed out; whoever waits for it is not stuck."""
    producer = AIOKafkaProducer(
        bootstrap_servers=toy.environment["KAFKA_BOOTSTRAP_SERVERS"], transactional_id=f"test-{toy.run}"
    )
    async with producer, producer.transaction():
        await producer.send_and_wait(
            topics.ACTION.name, an_action(toy, f"{toy.run}/1"), toy.ticket(1).encode(), headers=[TYPE]
        )
    process = toy.start(KEFU_BUS_STUCK_SECONDS="3")
    await toy.until_counted(1)
    await asyncio.sleep(8)
    assert process.poll() is None, toy.log.read_text()[-1000:]


async def test_a_service_that_waits_for_kafka_can_be_told_to_end(toy: Toy) -> None:
    """SIGTERM ends a process that has not started yet, cleanly and at once."""
    process = toy.start(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")

    async def waiting() -> bool:
        return "bus.waiting" in toy.log.read_text()

    await toy.until(waiting)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, 5) == 0
