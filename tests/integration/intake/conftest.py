"""Intake's handler on a real database: records in, tickets and events out, a batch a transaction."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.domain.threading import Windows
from services.intake.rules.channels import load_channels
from services.intake.rules.problem_types import load_problem_types
from services.intake.subscribers import subscriber
from services.intake.use_cases.receive_contacts import Patience, ReceiveContacts
from services.intake.use_cases.understand_contact import UnderstandContact
from shared.bus.preparing import Prepare
from shared.bus.record import Record
from shared.bus.transactions import Handler
from shared.contracts import topics
from shared.contracts.contacts import ContactReceived
from shared.security.sealing import Sealer
from tests.integration.harness import Harness, document
from tests.integration.own_database import own_transactions
from tests.shipped import CONFIG


@dataclass
class Intake(Harness):
    """Intake, and short ways to say things to it."""

    def __post_init__(self) -> None:
        rules = load_problem_types(CONFIG)
        understand = UnderstandContact(self.sealer, rules)
        windows = Windows(timedelta(hours=24), timedelta(days=14))
        patience = Patience(windows, timedelta(hours=72), timedelta(seconds=120))
        self._prepare = Prepare(ContactReceived, understand)
        self._receive = ReceiveContacts(understand, rules, load_channels(CONFIG), patience)

    @property
    def handler(self) -> Handler:
        """See ``Harness``."""
        return subscriber(self.sealer, self._receive)

    def prepare(self, record: Record) -> object:
        """See ``Harness``."""
        return self._prepare(record, datetime.now(UTC))

    def under(self, sealer: Sealer) -> "Intake":
        """A replica of it with these keys."""
        return replace(self, sealer=sealer)

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
        return document(topics.CONTACT, "", told, ("ce_type", b"support.contact.received.v1"))

    def member(self, member_id: str, *phones: str, version: int = 1, **fields: Any) -> Record:
        """A member with verified telephone numbers."""
        handles = [{"kind": "phone", "value": phone, "verified": True} for phone in phones]
        told = {"member_id": member_id, "handles": handles, "version": version, **fields}
        return document(topics.MEMBER, member_id, told)

    def order(self, order_no: str, member_id: str, version: int = 1) -> Record:
        """An order of a member."""
        return document(topics.ORDER, order_no, {"order_no": order_no, "member_id": member_id, "version": version})

    async def hear_out(self) -> list[Any]:
        """Lets those speak whose wait is over; the events that led to."""
        return await self.in_one_transaction(lambda work: self._receive.release_waiting(100, work))

    async def hear_at_once(self, batches: Sequence[Sequence[Record]]) -> list[Any]:
        """Handles several batches, each in a transaction of its own, all at the same time."""
        return list(itertools.chain.from_iterable(await asyncio.gather(*(self.hear(*batch) for batch in batches))))


@pytest.fixture
async def intake(servers: dict[str, str]) -> AsyncIterator[Intake]:
    """Intake with an empty database."""
    async with own_transactions(servers["DATABASE_URL"], "intake") as (transactions, kept):
        yield Intake(transactions, kept, Sealer.from_keys(servers["KEFU_DATA_KEY"], service="intake"))
