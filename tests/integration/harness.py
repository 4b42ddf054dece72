"""A service without its process: records in as Kafka would bring them, and what it published, for the test to read."""

import itertools
import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import ConsumerRecord

from shared.bus.publisher import Outgoing
from shared.bus.record import Batch, Record, read
from shared.bus.transactions import Handler, Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import topics
from shared.contracts.envelope import Envelope, decode, encode
from shared.contracts.model import Fact
from shared.contracts.registry import BY_MODEL
from shared.security.sealing import Sealer
from tests.integration.own_database import KeptPublications

Headers = Iterable[tuple[str, bytes | None]]

_offsets = itertools.count(1)


def as_read(topic: topics.Topic, key: str, value: bytes | None, headers: Headers = ()) -> Record:
    """A record with these bytes as the bus would hand it over; no two of a run have the same offset."""
    return read(ConsumerRecord(topic.name, 0, next(_offsets), 0, 0, key.encode(), value, None, 0, 0, list(headers)))


def record(
    topic: topics.Topic, key: str, fact: Fact | None, *headers: tuple[str, bytes | None], id_: str = ""
) -> Record:
    """A fact in its envelope, and further headers behind it; None is a tombstone."""
    if fact is None:
        return as_read(topic, key, None, headers)
    envelope = Envelope(id_ or str(uuid.uuid4()), "/test", BY_MODEL[type(fact)].name, datetime.now(UTC), key)
    return as_read(topic, key, encode(fact), [*envelope.headers(), *headers])


def document(topic: topics.Topic, key: str, fields: dict[str, Any], *headers: tuple[str, bytes | None]) -> Record:
    """What a platform or a channel writes, as it writes it: JSON of any fields, with these headers alone."""
    return as_read(topic, key, json.dumps(fields, ensure_ascii=False, default=str).encode(), headers)


def ticket_event(fact: Any, id_: str = "") -> Record:
    """An event of a ticket, from whichever service."""
    return record(topics.TICKET, fact.ticket_id, fact, id_=id_)


@dataclass
class Harness(ABC):
    """What the tests of every service have in common; each service's own adds its handler, its loops and its words."""

    transactions: Transactions
    kept: KeptPublications
    sealer: Sealer

    @property
    def pool(self) -> asyncpg.Pool:
        """Its database."""
        return self.transactions.pool

    @property
    @abstractmethod
    def handler(self) -> Handler:
        """What the bus would call with a batch."""

    def prepare(self, record: Record) -> object:
        """What the bus would have prepared of a record before the transaction; nothing, in most services."""
        return None

    async def hear(self, *records: Record) -> list[Any]:
        """Handles one batch; the events it led to, in order."""
        prepared = tuple(self.prepare(record) for record in records)
        return await self.in_one_transaction(lambda work: self.handler(Batch(records, prepared), work))

    async def in_one_transaction(self, step: Callable[[UnitOfWork], Awaitable[object]]) -> list[Any]:
        """Lets a step of the service work, commits and publishes; the events it led to, whoever else works."""
        async with self.transactions.begin() as work:
            await step(work)
            outgoing = tuple(work._outgoing)
        return events_of(outgoing)

    async def tell(self, *events: Any) -> list[Any]:
        """Events of tickets, in one batch."""
        return await self.hear(*(ticket_event(one) for one in events))

    def events(self, ticket_id: str | None = None) -> list[Any]:
        """The events published so far, of all tickets or of one, in order."""
        return events_of(one for one in self.kept.published if ticket_id is None or one.key == ticket_id.encode())

    def refusals(self) -> list[tuple[str, str]]:
        """The dead letters so far: reason and message."""
        return refusals_of(self.kept.published)


def events_of(published: Iterable[Outgoing]) -> list[Any]:
    """The events among what was published, each under the key of its ticket where it has one."""
    found = []
    for one in published:
        if not _is_dead_letter(one):
            fact: Any = decode(one.topic, one.headers, one.value, fallback_id="").event
            assert one.key == (fact.ticket_id or fact.member_id).encode()
            found.append(fact)
    return found


def refusals_of(published: Iterable[Outgoing]) -> list[tuple[str, str]]:
    """The dead letters among what was published: reason and message."""
    letters = [dict(one.headers) for one in published if _is_dead_letter(one)]
    return [((one["dlq_exception"] or b"").decode(), (one["dlq_message"] or b"").decode()) for one in letters]


def _is_dead_letter(published: Outgoing) -> bool:
    return published.topic.endswith(".dlq")
