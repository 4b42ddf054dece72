"""The service as a process, between real Kafka and real PostgreSQL."""

import asyncio
import base64
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.bus.topics import create
from shared.contracts import topics
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.envelope import Envelope, decode, encode
from shared.contracts.model import Fact
from shared.contracts.reference import AgentChanged
from shared.contracts.registry import BY_MODEL
from shared.contracts.tickets import TicketEvent, TicketOpened, TicketPromised
from shared.security.tags import TAG, EventTags
from tests.integration.own_database import own_database

SECONDS = 60.0
WITHIN = 1.0


@dataclass
class Outside:
    """What an outsider has: a producer, and a consumer of the lives of tickets."""

    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    tags: EventTags

    async def send(self, key: str, fact: Fact) -> None:
        """Publishes a fact on its topic, as its writer would."""
        event_type = BY_MODEL[type(fact)]
        topic, value = event_type.topic.name, encode(fact)
        envelope = Envelope(str(uuid.uuid4()), f"/kefu/{event_type.writer}", event_type.name, datetime.now(UTC), key)
        headers = envelope.headers()
        if event_type.topic in topics.OURS:
            headers.append((TAG, self.tags.tag(topic, key.encode(), value, envelope)))
        await self.producer.send_and_wait(topic, value, key.encode(), headers=headers)

    async def until(self, ticket_id: str, verb: str) -> list[str]:
        """The verbs of a ticket up to the one named."""
        verbs: list[str] = []
        async with asyncio.timeout(SECONDS):
            while verb not in verbs:
                record = await self.consumer.getone()
                event = decode(record.topic, record.headers, record.value, fallback_id="").event
                if isinstance(event, TicketEvent) and event.ticket_id == ticket_id:
                    verbs.append(type(event).__name__.removeprefix("Ticket").lower())
        return verbs


@pytest.fixture
async def outside(servers: dict[str, str]) -> AsyncIterator[Outside]:
    """An outsider's connections."""
    brokers = servers["KAFKA_BOOTSTRAP_SERVERS"]
    await create(brokers)
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    consumer = AIOKafkaConsumer(topics.TICKET.name, bootstrap_servers=brokers, auto_offset_reset="latest")
    await producer.start()
    await consumer.start()
    await consumer.seek_to_end()
    yield Outside(producer, consumer, EventTags.from_settings(servers["KEFU_EVENT_KEY"]))
    await producer.stop()
    await consumer.stop()


@pytest.fixture
async def process(servers: dict[str, str], tmp_path: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Routing, started as in production, on a database of its own."""
    async with own_database(servers["DATABASE_URL"], "routing") as url:
        with (tmp_path / "routing.log").open("wb") as log:
            running = subprocess.Popen(  # noqa: ASYNC220 - starting it takes no time
                [sys.executable, "-m", "services.routing"],
                env={
                    **os.environ,
                    **servers,
                    "DATABASE_URL": url,
                    "KEFU_HTTP_PORT": "0",
                    "KEFU_DATA_KEY": base64.b64encode(os.urandom(32)).decode(),
                },
                stdout=log,
                stderr=log,
            )
        try:
            yield running
        finally:
            running.kill()
            running.wait()


async def test_from_opened_to_resolved(outside: Outside, process: subprocess.Popen[bytes]) -> None:
    """At rest an opened ticket is with an agent within a second; the process ends cleanly when told to."""
    agent_id = f"a-{uuid.uuid4().hex[:8]}"
    problem_type = "dispute"
    agent = AgentChanged(agent_id=agent_id, capacity=50, presence="online", skills={problem_type: 5}, version=1)
    await outside.send(agent_id, agent)
    taken = []
    for _ in range(6):
        ticket_id = str(uuid.uuid4())
        common = {"ticket_id": ticket_id, "ticket_no": "T-1", "member_id": "m", "at": datetime.now(UTC)}
        opened = TicketOpened.model_validate(
            {**common, "channel": "chat", "contact_id": "c", "problem_type": problem_type}
        )
        due = opened.at + timedelta(hours=2)
        promised = TicketPromised.model_validate({**common, "first_answer_due": due, "policy": "p", "calendar": "c"})
        started = time.perf_counter()
        await outside.send(ticket_id, opened)
        await outside.send(ticket_id, promised)
        assert sorted(await outside.until(ticket_id, "assigned")) == ["assigned", "opened", "promised", "queued"]
        taken.append(time.perf_counter() - started)
    for kind in ("accept", "answer", "resolve"):
        action = ActionRequested(
            action_id=str(uuid.uuid4()),
            ticket_id=ticket_id,
            actor=Actor(kind="agent", id=agent_id),
            kind=kind,
            text="已处理",
        )
        await outside.send(ticket_id, action)
    assert await outside.until(ticket_id, "resolved") == ["accepted", "answered", "resolved"]
    # The first one waits for the process to start.
    assert median(taken[1:]) < WITHIN, taken
    print("seconds from opened to assigned:", [round(one, 3) for one in taken])

    process.terminate()
    assert await asyncio.to_thread(process.wait, 30) == 0
