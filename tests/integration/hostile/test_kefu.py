"""The `kefu` command on topics that hold what no client of ours writes, on every partition: it works all the same."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition

from deploy.local.stack import Stack
from shared.bus.header_names import name_bytes
from shared.bus.publisher import KafkaPublisher, partition_of
from shared.contracts import tickets, topics
from tests.integration.cli.kefu import Command, event, letter, of_key, opened_and_assigned
from tests.raw_batches import GBK_NAME, a_record, corpus, put, raw_batch

READ = (topics.TICKET.name, topics.ORDER.name, topics.MEMBER.name, topics.ACTION.name, topics.CONTACT.name)
LETTERS = topics.CONTACT.dead_letters("intake")
TYPE = (b"ce_type", b"acme.v1")


async def fill(brokers: str) -> None:
    """Puts the corpus on one partition of each topic, and a name in GBK on all."""
    named = raw_batch(a_record(b"k", b"{", [TYPE, (GBK_NAME, b"1")]))
    for number, topic in enumerate((*READ, LETTERS)):
        batches = [case.batch for _, case in corpus(b"k", lambda _: b"{}", [TYPE])]
        await asyncio.gather(*(put(brokers, TopicPartition(topic, number), batch) for batch in batches))
        await asyncio.gather(*(put(brokers, TopicPartition(topic, one), named) for one in range(topics.PARTITIONS)))


@pytest.fixture(scope="module")
def hostile(hostile_stack: Stack) -> str:
    """A broker whose topics hold the whole corpus, dead letters included."""
    brokers = hostile_stack.environment()["KAFKA_BOOTSTRAP_SERVERS"]
    asyncio.run(fill(brokers))
    return brokers


@pytest.fixture
async def outsider(hostile: str) -> AsyncIterator[KafkaPublisher]:
    """Puts honest records among them."""
    publisher = KafkaPublisher(hostile, client_id="test")
    yield publisher
    await publisher.close()


async def test_tickets_letters_and_orders_are_found_among_what_nobody_can_read(
    hostile: str, outsider: KafkaPublisher
) -> None:
    """List, show, watch, act, replay, forget: each does what it should, and says on stderr what it passed over."""
    kefu = Command(hostile)
    ticket_id, number = str(uuid.uuid4()), f"KF-{uuid.uuid4().hex[:8]}"
    key = f"phone:{uuid.uuid4()}".encode()
    await outsider.publish([*opened_and_assigned(ticket_id, number), letter(key)])

    assert number in {one["ticket_no"] for one in kefu.lines("ticket", "list")}
    assert "cannot be read, and was passed over: " in kefu.told
    assert kefu("ticket", "act", number, "accept", "--actor", "agent:A1")
    assert len(await of_key(hostile, topics.ACTION.name, ticket_id.encode())) == 1

    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]
    kefu("dead-letters", "replay", listed["id"])
    assert len(await of_key(hostile, topics.CONTACT.name, key)) == 1

    assert b"0 orders deleted" in kefu("forget", f"M-{uuid.uuid4()}", "--yes", "--wait", "0")
    assert {report["name"] for report in kefu.lines("topics")} >= set(READ)

    watching = await kefu.begin("ticket", "watch", ticket_id, "--json")
    assert watching.stdout is not None
    try:
        async with asyncio.timeout(40):
            assert [json.loads(await watching.stdout.readline())["verb"] for _ in range(2)] == ["opened", "assigned"]
            at = TopicPartition(topics.TICKET.name, partition_of(ticket_id.encode()))
            for _, case in corpus(b"k", lambda _: b"{}", [TYPE]):
                await put(hostile, at, case.batch)
            await outsider.publish([event(ticket_id, number, tickets.TicketAccepted, 3, agent_id="A1")])
            assert json.loads(await watching.stdout.readline())["verb"] == "accepted"
    finally:
        watching.terminate()
        await watching.wait()


async def test_a_record_whose_headers_are_named_in_gbk_is_replayed_as_it_was(hostile: str) -> None:
    """From the topic into the letter of intake and back: key, value and names are the same bytes."""
    kefu, key = Command(hostile), f"phone:{uuid.uuid4()}".encode()
    names = [b"ce_type", GBK_NAME, b"", b"a\0b", b"\xed\xa0\x80", "订单号".encode()]
    record = a_record(key, b"\xff{", [(name, b"support.contact.received.v1") for name in names])
    await put(hostile, TopicPartition(topics.CONTACT.name, partition_of(key)), raw_batch(record))

    async def letter_of_key() -> str:
        while True:
            for one in await asyncio.to_thread(kefu.lines, "dead-letters", "list", "--group", "intake"):
                if one["key"] == key.decode():
                    return str(one["id"])

    async with asyncio.timeout(60):
        name = await letter_of_key()
    shown = kefu("dead-letters", "show", name).decode()
    assert "in GBK: 订单号" in shown
    kefu("dead-letters", "replay", name)

    first, again = await of_key(hostile, topics.CONTACT.name, key)
    assert [name_bytes(name) for name, _ in first.headers] == names
    assert (again.value, list(again.headers[: len(names)])) == (first.value, list(first.headers))
