"""What aiokafka dies of in silence is an error that passes; and when it dies all the same, somebody notices."""

import asyncio
import os
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import ApiVersionRequest

from shared.bus.aiokafka_patches import consumer_failure, patch_closed_connection_write
from shared.bus.topics import create
from shared.contracts import topics
from shared.failures import is_transient
from shared.runtime import service
from shared.runtime.service import Running


@pytest.fixture
def surviving(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a service does it when it starts; undone after the test."""
    monkeypatch.setattr(AIOKafkaConnection, "send", AIOKafkaConnection.send)
    patch_closed_connection_write()


@pytest.mark.usefixtures("surviving")
def test_a_connection_closed_under_our_hands_is_an_error_of_kafkas(servers: dict[str, str]) -> None:
    """On uvloop, where writing to it raises RuntimeError: the connection is closed, and whoever sent may send again."""
    host, _, port = servers["KAFKA_BOOTSTRAP_SERVERS"].partition(":")

    async def send() -> tuple[BaseException, bool]:
        connection = AIOKafkaConnection(host, int(port))
        await connection.connect()
        connection._writer.transport.abort()
        await asyncio.sleep(0)
        try:
            await connection.send(ApiVersionRequest())
        except Exception as error:
            return error, connection.connected()
        raise AssertionError("it was sent")

    error, connected = uvloop.run(send())
    assert isinstance(error, KafkaConnectionError)
    assert isinstance(error.__cause__, RuntimeError)
    assert is_transient(error)
    assert not connected


@pytest.mark.parametrize("vital", ["_client", "_coordinator", "_fetcher", "of the fetches"])
@pytest.mark.parametrize("how", ["fails", "returns", "is cancelled"])
async def test_a_consumer_that_has_died_is_noticed(servers: dict[str, str], vital: str, how: str) -> None:
    """Whichever of the tasks that read has ended, and however; until then all is well."""
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
    consumer = AIOKafkaConsumer(
        topics.ACTION.name, bootstrap_servers=servers["KAFKA_BOOTSTRAP_SERVERS"], group_id=f"dead{vital}"
    )
    client = AIOKafkaClient(bootstrap_servers=servers["KAFKA_BOOTSTRAP_SERVERS"])
    await client.bootstrap()
    await consumer.start()
    owner = client if vital == "of the fetches" else getattr(consumer, vital)
    task = {"_coordinator": "_coordination_task", "_fetcher": "_fetch_task"}.get(vital, "_sync_task")
    alive = getattr(owner, task)
    try:
        assert consumer_failure(consumer, client) is None
        setattr(owner, task, await _ended(how))
        reason = consumer_failure(consumer, client)
        assert reason is not None
        assert ("the handler is closed" in reason) == (how == "fails")
    finally:
        setattr(owner, task, alive)
        await consumer.stop()
        await client.close()


async def test_a_process_that_has_to_end_does_not_wait_for_what_has_died(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked to stop, and when it has not after some seconds, ends."""
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(service, "TIDYING_SECONDS", 0.05)
    server: Any = SimpleNamespace(should_exit=False)
    nothing: Any = None
    running = Running(nothing, nothing, nothing, (), server=server)
    running.end("its consumer has died")
    assert server.should_exit
    assert not ended
    await asyncio.sleep(0.2)
    assert ended == [1]


async def _ended(how: str) -> asyncio.Task[None]:
    async def end() -> None:
        if how == "fails":
            raise RuntimeError("the handler is closed")

    task = asyncio.create_task(end())
    if how == "is cancelled":
        task.cancel()
    await asyncio.wait([task])
    return task
