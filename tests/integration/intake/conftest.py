"""Intake's handler on a real database: records in, tickets and events out, a batch a transaction."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from aiokafka import ConsumerRecord

from services.intake.domain.threading import Windows
from services.intake.rules.channels import load_channels
from services.intake.rules.problem_types import load_problem_types
from services.intake.subscribers import subscriber
from services.intake.use_cases.receive_contacts import Patience, ReceiveContacts
from services.intake.use_cases.understand_contact import UnderstandContact
from shared.bus.preparing import Prepare
from shared.bus.record import Batch, Record, read
from shared.bus.transactions import Handler
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import topics
from shared.contracts.contacts import ContactReceived
from shared.contracts.envelope import decode
from shared.contracts.model import Fact
from shared.contracts.registry import BY_MODEL
from shared.contracts.tickets import TicketEvent
from shared.database.now import database_now
from shared.security.sealing import Sealer
from tests.integration.own_database import own_transactions
from tests.shipped import CONFIG


@dataclass
class Intake:
    """The handler, its database, and short ways to say things to it."""

    handler: Handler
    receive: ReceiveContacts
    prepare: Prepare[ContactReceived]
    pool: asyncpg.Pool
    sealer: Sealer
    _offsets: "itertools.count[int]" = field(default_factory=itertools.count)

    def record(self, topic: topics.Topic, value: dict[str, Any] | None, key: str = "", type_: str = "") -> Record:
        """A record as it would be read from Kafka."""
        headers = [("ce_type", type_.encode())] if type_ else []
        body = None if value is None else json.dumps(value, ensure_ascii=False, default=str).encode()
        raw = ConsumerRecord(topic.name, 0, next(self._offsets), 0, 0, key.encode(), body, None, 0, 0, headers)
        return read(raw)

    def contact(self, contact_id: str, text: str = "充值没到账", **fields: Any) -> Record:
        """A contact by telephone from Alice's number, unless told otherwise."""
        told = {
            "contact_id": contact_id,
            "channel": "phone",
            "received_at": "2026-11-22T12:00:00+08:00",
            "sender": {"kind": "phone", "value": "13900000000"},
            "text": text,
            **fields,
        }
        return self.record(topics.CONTACT, told, type_="support.contact.received.v1")

    def member(self, member_id: str, *phones: str, version: int = 1, **fields: Any) -> Record:
        """A member with verified telephone numbers."""
        handles = [{"kind": "phone", "value": phone, "verified": True} for phone in phones]
        return self.record(topics.MEMBER, {"member_id": member_id, "handles": handles, "version": version, **fields})

    def order(self, order_no: str, member_id: str, version: int = 1) -> Record:
        """An order of a member."""
        return self.record(topics.ORDER, {"order_no": order_no, "member_id": member_id, "version": version})

    def told(self, event: Fact) -> Record:
        """An event of another service about a ticket."""
        return self.record(topics.TICKET, json.loads(event.model_dump_json()), type_=BY_MODEL[type(event)].name)

    async def hear(self, *records: Record) -> list[TicketEvent]:
        """Handles one batch and returns what intake said."""
        prepared = tuple(self.prepare(record, datetime.now(UTC)) for record in records)

        async def handle(work: UnitOfWork) -> None:
            await self.handler(Batch(tuple(records), prepared), work)

        return await self._said(handle)

    async def hear_out(self) -> list[TicketEvent]:
        """Lets those speak whose wait is over, and returns what intake said."""

        async def hear_out(work: UnitOfWork) -> None:
            await self.receive.release_waiting(100, work)

        return await self._said(hear_out)

    async def _said(self, step: Callable[[UnitOfWork], Awaitable[None]]) -> list[TicketEvent]:
        async with self.pool.acquire() as connection, connection.transaction():
            work = UnitOfWork("intake", connection, await database_now(connection))
            await step(work)
            await work.flush()
            rows = await connection.fetch(
                "with said as (delete from outbox returning *) select * from said order by id"
            )
        return [_event(row) for row in rows]

    async def hear_at_once(self, batches: Sequence[Sequence[Record]]) -> list[TicketEvent]:
        """Handles several batches, each in a transaction of its own, all at the same time."""
        said = await asyncio.gather(*(self.hear(*batch) for batch in batches))
        return list(itertools.chain.from_iterable(said))


def _event(row: asyncpg.Record) -> TicketEvent:
    headers = list(zip(row["header_names"], row["header_values"], strict=True))
    event = decode(row["topic"], headers, row["value"], fallback_id="").event
    assert isinstance(event, TicketEvent)
    assert row["key"] == event.ticket_id.encode()
    return event


def intake_over(pool: asyncpg.Pool, sealer: Sealer) -> Intake:
    """Intake over a database, with these keys."""
    rules = load_problem_types(CONFIG)
    understand = UnderstandContact(sealer, rules)
    patience = Patience(Windows(timedelta(hours=24), timedelta(days=14)), timedelta(hours=72), timedelta(seconds=120))
    receive = ReceiveContacts(understand, rules, load_channels(CONFIG), patience)
    prepare = Prepare(ContactReceived, understand)
    return Intake(subscriber(sealer, receive), receive, prepare, pool, sealer)


@pytest.fixture
async def intake(servers: dict[str, str]) -> AsyncIterator[Intake]:
    """Intake with an empty database."""
    async with own_transactions(servers["DATABASE_URL"], "intake") as (transactions, _):
        yield intake_over(transactions.pool, Sealer.from_keys(servers["KEFU_DATA_KEY"], service="intake"))
