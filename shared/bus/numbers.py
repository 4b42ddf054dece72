"""The numbers a service gives out never go back, not even when its database does.

Readers know a repeated publication by its number (``ce_sequence``, the outbox's identity), and people a ticket by its.
A database put back from a backup counts from earlier numbers: readers would take everything new for a repetition, and
two tickets would have one number. So Kafka, which was not put back, keeps how far every sequence of the schema was,
with an offset of a group that nobody reads by.
"""

import json
import time
from typing import Any, Final

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest

from shared.bus.membership import GROUP_COORDINATOR
from shared.bus.transactions import Transactions
from shared.contracts.topics import TICKET, numbers_group

LAST: Final = """
select sequencename, coalesce(last_value, 0) as last from pg_sequences where schemaname = current_schema()
"""
LIFT: Final = """
select setval(format('%I.%I', schemaname, sequencename)::regclass, $2) from pg_sequences
where schemaname = current_schema() and sequencename = $1
"""

SPARE: Final = 100_000
"""More than anybody gives out between two times that Kafka is told."""

REMIND_SECONDS: Final = 3600.0
"""Brokers forget what nobody has told them for a week."""

_PARTITION: Final = 0

Last = dict[str, int]
"""The name of a sequence -> the last number it gave out."""

log = structlog.get_logger()


class Numbers:
    """How far the sequences of one service are, here and as Kafka was told."""

    def __init__(self, transactions: Transactions, group: str) -> None:
        self._transactions = transactions
        self._group = numbers_group(group)
        self._told: Last = {}
        self._told_at = 0.0

    async def lift(self, client: AIOKafkaClient) -> Last:
        """Before anything is given out: goes on above what Kafka was told. The sequences that were behind, as now."""
        node = await self._coordinator(client)
        if node is None:
            return {}
        response: Any = await client.send(node, OffsetFetchRequest(self._group, [(TICKET.name, [_PARTITION])]))
        told = next((_read(text) for _, found in response.topics for _, _, text, _ in found), {})
        here = await self._here()
        behind = {name: last + SPARE for name, last in told.items() if here.get(name, last) < last}
        for name, last in behind.items():
            await self._transactions.pool.fetchval(LIFT, name, last)
        if behind:
            log.error("bus.numbers_lifted", were=here, told=told, now=behind)
        return behind

    async def tell(self, client: AIOKafkaClient) -> None:
        """Tells Kafka, if there is anything new to tell. Call it about every second."""
        here, now = await self._here(), time.monotonic()
        if not any(here.values()) or (here == self._told and now - self._told_at < REMIND_SECONDS):
            return
        node = await self._coordinator(client)
        if node is None:
            return
        told = [(TICKET.name, [(_PARTITION, max(here.values()), json.dumps(here))])]
        response: Any = await client.send(node, OffsetCommitRequest(self._group, -1, "", -1, told))
        for _, partitions in response.topics:
            for _, code in partitions:
                if code:
                    raise for_code(code)
        self._told, self._told_at = here, now

    async def _here(self) -> Last:
        rows = await self._transactions.pool.fetch(LAST)
        return {row["sequencename"]: row["last"] for row in rows}

    async def _coordinator(self, client: AIOKafkaClient) -> int | None:
        question = FindCoordinatorRequest(self._group, GROUP_COORDINATOR)
        found: Any = await client.send(client.get_random_node(), question)
        return None if found.error_code else int(found.coordinator_id)


def _read(text: str | None) -> Last:
    """What was told; nothing, where somebody else wrote something else there."""
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: last for name, last in told.items() if isinstance(last, int) and 0 < last < 2**62}
