"""The numbers of published events never go back, not even when the database does.

Readers know a repeated publication by its number (``ce_sequence``, the outbox's identity). A database put back from a
backup counts from an earlier number, and readers would take everything new for a repetition. So Kafka, which was not
put back, keeps how far the numbers were, as the offset of a group that nobody reads by.
"""

import time
from typing import Any, Final

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest

from shared.bus.batch import Ground
from shared.bus.membership import GROUP_COORDINATOR
from shared.contracts.topics import TICKET

LAST: Final = "select coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'id')), 0)"
LIFT: Final = "select setval(pg_get_serial_sequence('outbox', 'id'), $1)"

SPARE: Final = 1_000_000
"""More than anybody publishes between two times that Kafka is told."""

REMIND_SECONDS: Final = 3600.0
"""Brokers forget what nobody has told them for a week."""

_PARTITION: Final = 0

log = structlog.get_logger()


class Numbers:
    """How far the numbers of one service's events are, here and as Kafka was told."""

    def __init__(self, ground: Ground, group: str) -> None:
        self._ground = ground
        self._group = f"{group}.numbers"
        self._told = -1
        self._told_at = 0.0

    async def lift(self, client: AIOKafkaClient) -> int | None:
        """Before anything is published: goes on above what Kafka was told. The number, when it was behind."""
        node = await self._coordinator(client)
        if node is None:
            return None
        response: Any = await client.send(node, OffsetFetchRequest(self._group, [(TICKET.name, [_PARTITION])]))
        told = max((offset for _, found in response.topics for _, offset, *_ in found), default=-1)
        here = await self._here()
        if told <= here:
            return None
        await self._ground.pool.fetchval(LIFT, told + SPARE)
        log.error("bus.numbers_lifted", was=here, told=told, now=told + SPARE)
        return told + SPARE

    async def tell(self, client: AIOKafkaClient) -> None:
        """Tells Kafka, if there is anything new to tell. Call it about every second."""
        here, now = await self._here(), time.monotonic()
        if here <= 0 or (here == self._told and now - self._told_at < REMIND_SECONDS):
            return
        node = await self._coordinator(client)
        if node is None:
            return
        question = OffsetCommitRequest(self._group, -1, "", -1, [(TICKET.name, [(_PARTITION, here, "")])])
        response: Any = await client.send(node, question)
        for _, partitions in response.topics:
            for _, code in partitions:
                if code:
                    raise for_code(code)
        self._told, self._told_at = here, now

    async def _here(self) -> int:
        return int(await self._ground.pool.fetchval(LAST) or 0)

    async def _coordinator(self, client: AIOKafkaClient) -> int | None:
        found: Any = await client.send(client.get_random_node(), FindCoordinatorRequest(self._group, GROUP_COORDINATOR))
        return None if found.error_code else int(found.coordinator_id)
