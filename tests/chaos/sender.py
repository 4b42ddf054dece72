"""A producer that does not give up: what was handed to it is on the topic in the end, once or more often."""

import asyncio
from collections.abc import Sequence
from typing import Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

Header = tuple[str, bytes | None]

_PAUSE_SECONDS: Final = 0.2


class Sender:
    """Publishes, acknowledged by the broker. Use as an async context manager."""

    def __init__(self, servers: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=servers, client_id="chaos", acks="all", request_timeout_ms=5000, retry_backoff_ms=100
        )

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def tell(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Returns once the record is acknowledged, however long the broker is away."""
        while True:
            try:
                await self._producer.send_and_wait(topic, value, key.encode(), headers=list(headers))
            except (KafkaError, TimeoutError):
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return
