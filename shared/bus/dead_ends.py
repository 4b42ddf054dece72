"""Where aiokafka comes to a dead end and does not say so.

On uvloop a write to a connection the broker has just closed raises RuntimeError, where asyncio's own loop only warns;
aiokafka expects OSError (aiokafka issue 1038, open). The exception ends the task that writes, for good. Without the one
that keeps it in its group, or the one that asks for metadata, a consumer neither fetches, nor fails, nor stops.
"""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send = AIOKafkaConnection.send


def survive_closed_connections() -> None:
    """From here on, in this process, such a write raises KafkaConnectionError, which aiokafka knows to live with."""
    AIOKafkaConnection.send = _send_or_say_so


def _send_or_say_so(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:
    try:
        return _send(connection, request, expect_response)
    except RuntimeError as error:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {connection.host}:{connection.port} broken: {error}") from error


def died_of(consumer: AIOKafkaConsumer) -> str | None:
    """Why this consumer will never hand out a record again, whatever the reason; None while it may."""
    tasks: tuple[asyncio.Task[None], ...] = (
        consumer._client._sync_task,
        consumer._coordinator._coordination_task,
        consumer._fetcher._fetch_task,
    )
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            return f"its consumer has died: {error!r}"
    return None
