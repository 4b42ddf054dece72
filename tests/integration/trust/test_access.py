"""On a Kafka that asks who is there, our services work with exactly the rights of the page."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from shared.bus.connection import connection
from shared.bus.topics import create
from shared.contract_docs.access import GRANTS, WHO, Operation
from shared.contracts import topics
from shared.contracts.services import DEAD_LETTERS, SERVICES
from shared.settings import KafkaSettings
from tests.integration.own_database import own_database
from tests.integration.trust.secured_kafka import SecuredKafka

SECONDS = 60.0
SEEDED = 11
NAMES = (*(topic.name for topic in topics.ALL), *DEAD_LETTERS)
NO_CARRIER = {"KEFU_CARRIER_URL": "http://127.0.0.1:1"}


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """The broker, with the topics, which the operator has made."""
    broker = SecuredKafka(tmp_path_factory.mktemp("secured"))
    with broker.running():
        told = broker.as_principal("operator")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in told.items():
                patch.setenv(name, value)
            assert len(asyncio.run(create(told["KAFKA_BOOTSTRAP_SERVERS"]))) == len(NAMES)
        asyncio.run(seed(broker.address))
        yield broker


async def seed(servers: str) -> None:
    """A record in every topic, so that there is something to read."""
    one = AIOKafkaProducer(bootstrap_servers=servers)
    await one.start()
    for name in NAMES:
        await one.send_and_wait(name, b"{}", key=b"k", partition=SEEDED)
    await one.stop()


def options(told: dict[str, str]) -> dict[str, Any]:
    """How a client with these settings connects."""
    of_kafka = {name.removeprefix("KEFU_KAFKA_").lower(): value for name, value in told.items() if "KEFU" in name}
    return connection(told["KAFKA_BOOTSTRAP_SERVERS"], access=KafkaSettings.model_validate(of_kafka))


@contextlib.asynccontextmanager
async def producer(kafka: SecuredKafka, principal: str, **more: Any) -> AsyncIterator[AIOKafkaProducer]:
    """Somebody who writes."""
    one = AIOKafkaProducer(**options(kafka.as_principal(principal)), **more)
    try:
        await one.start()
        yield one
    finally:
        await one.stop()


async def gets_a_record(kafka: SecuredKafka, principal: str, name: str, *, seconds: float) -> bool:
    """Whether it is handed the record that lies in the topic."""
    consumer = AIOKafkaConsumer(**options(kafka.as_principal(principal, tls=False)))
    try:
        async with asyncio.timeout(seconds):
            await consumer.start()
            consumer.assign([TopicPartition(name, SEEDED)])
            consumer.seek(TopicPartition(name, SEEDED), 0)
            await consumer.getone()
    except (TopicAuthorizationFailedError, TimeoutError):
        return False
    finally:
        await consumer.stop()
    return True


@pytest.mark.parametrize("principal", WHO)
async def test_nobody_may_do_what_the_page_does_not_say(kafka: SecuredKafka, principal: str) -> None:
    """Each principal writes to, and reads from, its own topics and no other: tried on every topic there is."""
    granted = {(one.name, one.operation) for one in GRANTS if one.principal == principal}
    written = {name for name in NAMES if (name, Operation.WRITE) in granted}
    async with producer(kafka, principal) as one:
        for name in NAMES:
            if name in DEAD_LETTERS and name in written:
                continue
            try:
                async with asyncio.timeout(20):
                    await one.send_and_wait(name, b"{}", key=b"k", partition=SEEDED)
            except TopicAuthorizationFailedError:
                assert name not in written, name
            else:
                assert name in written, name
    read = {name for name in NAMES if (name, Operation.READ) in granted}
    patience = {name: 20.0 if name in read else 5.0 for name in NAMES}
    got = await asyncio.gather(*(gets_a_record(kafka, principal, name, seconds=patience[name]) for name in NAMES))
    assert {name for name, is_got in zip(NAMES, got, strict=True) if is_got} == read


@pytest.mark.parametrize("principal", ["channel", "desk", "intake"])
async def test_nobody_may_leave_a_transaction_open(kafka: SecuredKafka, principal: str) -> None:
    """A transaction that hangs holds up every reader of a partition: no principal may begin one."""
    with pytest.raises((TransactionalIdAuthorizationFailed, KafkaError), match=r"(?i)transactional"):
        async with producer(kafka, principal, transactional_id="hang"):
            pass


@pytest.mark.parametrize(
    "change", [{"KEFU_KAFKA_PASSWORD": "guessed"}, {"KEFU_KAFKA_CA": ""}, {"KEFU_KAFKA_USERNAME": ""}]
)
async def test_who_is_not_known_does_not_get_in(kafka: SecuredKafka, change: dict[str, str]) -> None:
    """A wrong password and a nameless client are sent away, and a broker no authority of ours vouches for is not told
    the password."""
    one = AIOKafkaProducer(**options({**kafka.as_principal("desk"), **change}), request_timeout_ms=5000)
    try:
        with pytest.raises(KafkaConnectionError):
            await one.start()
    finally:
        await one.stop()


async def test_the_services_work_with_their_rights(
    kafka: SecuredKafka, servers: dict[str, str], tmp_path: Path
) -> None:
    """Over TLS and under their own names, a contact of a gateway becomes a ticket, is promised, queued and announced; a
    bad one lies with the dead letters, where the operator finds it."""
    contact_id = uuid.uuid4().hex
    contact = {
        "contact_id": contact_id,
        "channel": "social",
        "received_at": "2026-11-28T10:00:00+08:00",
        "sender": {"kind": "wechat_openid", "value": f"o-{contact_id}"},
        "text": "订单KM20261128001充值没到账",
    }
    async with contextlib.AsyncExitStack() as stack:
        for service in SERVICES:
            url = await stack.enter_async_context(own_database(servers["DATABASE_URL"], service))
            stack.enter_context(
                started(
                    service, {**servers, **kafka.as_principal(service), "DATABASE_URL": url, **NO_CARRIER}, tmp_path
                )
            )
        channel = await stack.enter_async_context(producer(kafka, "channel"))
        type_ = [("ce_type", b"support.contact.received.v1")]
        await channel.send_and_wait(topics.CONTACT.name, b"no contact", key=b"bad", headers=type_)
        await channel.send_and_wait(topics.CONTACT.name, json.dumps(contact).encode(), key=b"good", headers=type_)
        told = await heard(kafka, "integrator", ("opened", "promised", "queued", "suppressed"), tmp_path)
        assert json.loads(told["opened"])["contact_id"] == contact_id
        letter = topics.CONTACT.dead_letters("intake")
        reader = AIOKafkaConsumer(letter, **options(kafka.as_principal("operator")), auto_offset_reset="earliest")
        await reader.start()
        try:
            async with asyncio.timeout(SECONDS):
                while (await reader.getone()).value != b"no contact":
                    pass
        finally:
            await reader.stop()


@contextlib.contextmanager
def started(service: str, environment: dict[str, str], folder: Path) -> Iterator[None]:
    """A service as a process."""
    with (folder / f"{service}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"services.{service}"],
            env={**os.environ, **environment, "KEFU_HTTP_PORT": "0"},
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def heard(kafka: SecuredKafka, principal: str, verbs: tuple[str, ...], folder: Path) -> dict[str, bytes]:
    """The first event of each verb, from the beginning of our own topics."""
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in topics.OURS), **options(kafka.as_principal(principal)), auto_offset_reset="earliest"
    )
    await consumer.start()
    found: dict[str, bytes] = {}
    try:
        async with asyncio.timeout(SECONDS):
            while not found.keys() >= set(verbs):
                record = await consumer.getone()
                kind = dict(record.headers).get("ce_type", b"").decode()
                if kind:
                    found.setdefault(kind.split(".")[-2], record.value)
    except TimeoutError:
        logs = await asyncio.to_thread(ends_of_logs, folder)
        pytest.fail(f"heard {sorted(found)} only\n{logs}")
    finally:
        await consumer.stop()
    return found


def ends_of_logs(folder: Path) -> str:
    """What the services said last."""
    return "\n".join(f"{log.name}:\n{log.read_text()[-1500:]}" for log in folder.glob("*.log"))
