"""Every service meets every hostile batch, on each of its topics, with honest records around them."""

import asyncio
import json
import urllib.request
from datetime import UTC, datetime

import asyncpg
from aiokafka import AIOKafkaProducer, TopicPartition

from cli.topics.report import report_topics
from deploy.local.stack import Stack
from shared.bus.publisher import partition_of
from shared.contracts import topics
from shared.contracts.services import GROUPS
from tests.raw_batches import corpus, put

CONTACTS = 24
INPUTS = sorted({topic.name for read in GROUPS.values() for topic in read})
OPENED = "select count(*) from {}.ticket"


def a_contact(number: int) -> tuple[bytes, bytes]:
    """Key and value of an honest contact of somebody of their own."""
    value = {
        "contact_id": f"honest-{number}",
        "channel": "email",
        "received_at": datetime.now(UTC).isoformat(),
        "sender": {"kind": "email", "value": f"member{number}@example.com"},
        "text": "充值两个小时了还没到账",
    }
    return f"email:member{number}@example.com".encode(), json.dumps(value).encode()


async def test_every_service_handles_all_that_is_honest(hostile_stack: Stack) -> None:
    """All honest contacts become tickets in every service, all topics are read to their ends, all are ready."""
    environment = {**hostile_stack.environment(), **hostile_stack.contract()}
    servers = environment["KAFKA_BOOTSTRAP_SERVERS"]
    key = a_contact(0)[0]
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:

        async def send(number: int) -> None:
            own, value = a_contact(number)
            place = partition_of(own)
            headers = [("ce_type", b"support.contact.received.v1")]
            await producer.send_and_wait(topics.CONTACT.name, value, own, place, headers=headers)

        for number in range(CONTACTS // 2):
            await send(number)
        for topic in INPUTS:
            for partition in {partition_of(key), partition_of(b"other")}:
                for _, case in corpus(key, lambda _: b"{}", [(b"ce_type", b"acme.v1")]):
                    await put(servers, TopicPartition(topic, partition), case.batch)
        for number in range(CONTACTS // 2, CONTACTS):
            await send(number)

    database = await asyncpg.connect(environment["DATABASE_URL"])
    try:
        async with asyncio.timeout(120):
            for service in GROUPS:
                while await database.fetchval(OPENED.format(service)) < CONTACTS:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            while any(sum(lag or 0 for lag in one.lag.values()) for one in await report_topics(servers)):  # noqa: ASYNC110
                await asyncio.sleep(1)
    finally:
        await database.close()
    for name in ("INTAKE_URL", "NOTIFY_URL"):
        with urllib.request.urlopen(f"{environment[name]}/readyz", timeout=10) as answer:  # noqa: ASYNC210
            assert json.load(answer)["status"] == "ready"
