"""Where aiokafka comes to a dead end and does not say so.

On uvloop a write to a connection the broker has just closed raises RuntimeError, where asyncio's own loop only warns;
aiokafka expects OSError (aiokafka issue 1038, open). The exception ends the task that writes, for good. Without the one
that keeps it in its group, or the one that asks for metadata, a consumer neither fetches, nor fails, nor stops.
"""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send = AIOKafkaConnection.send


def patch_closed_connection_write() -> None:
    """From here on, in this process, such a write raises KafkaConnectionError, which aiokafka knows to live with."""
    AIOKafkaConnection.send = _send_or_say_so


def _send_or_say_so(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:
    try:
        return _send(connection, request, expect_response)
    except RuntimeError as error:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {connection.host}:{connection.port} broken: {error}") from error


def consumer_failure(consumer: AIOKafkaConsumer, client: AIOKafkaClient) -> str | None:
    """Why these two will never do their work again; None while they may. Their tasks end when they are closed only."""
    tasks: dict[str, asyncio.Task[None]] = {
        "its metadata": consumer._client._sync_task,
        "its group": consumer._coordinator._coordination_task,
        "its positions": consumer._fetcher._fetch_task,
        "the metadata of its fetches": client._sync_task,
    }
    for whose, task in tasks.items():
        if task.done():
            error = None if task.cancelled() else task.exception()
            return f"the task of aiokafka for {whose} has ended: {error!r}"
    return None
