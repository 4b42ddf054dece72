"""Promises break aloud whoever gave them, and a ticket that cannot be acted on makes no other late."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.sla.loops.timers import timer_loop
from services.sla.rules.in_force import RulesInForce
from services.sla.rules.promise_files import load_promises
from services.sla.rules.promise_rules import CALENDARS_FILE, PROMISES_FILE
from services.sla.store.calendars import keep_calendars
from services.sla.subscribers import subscriber
from shared.bus.transactions import Handler
from shared.contracts.model import Fact
from shared.contracts.tickets import TicketAmended, TicketBreached, TicketOpened, TicketPromised
from shared.security.sealing import Sealer
from tests.integration.harness import Harness
from tests.integration.own_database import own_transactions

CALENDARS = "calendars:\n  always:\n    timezone: UTC\n    always_open: true\n"
PROMISES = "policies:\n  - name: all\n    calendar: always\n    first_answer: 2h\n    next_answer: 1h\n"
CHANGED = CALENDARS + "  nights:\n    timezone: Europe/Berlin\n    always_open: true\n    holidays: [2001-01-01]\n"
SEALER = Sealer([b"k" * 32], service="sla")
OVERDUE = "update timer set due_at = now() - interval '1 second'"
LATE = """
update ticket set clocks = jsonb_set(clocks, '{clocks,0,due}', to_jsonb(now() - interval '1 minute'))
where ticket_id = any($1::uuid[])
"""
BROKEN = "update ticket set clocks = jsonb_set(clocks, '{terms,calendar}', '\"lost@0\"') where ticket_id = $1"


@dataclass
class Replica(Harness):
    """One process of sla with rule files of its own; replicas share a database."""

    rules: RulesInForce

    @property
    def handler(self) -> Handler:
        """See ``Harness``."""
        return subscriber(self.rules)

    async def start(self) -> None:
        """What a process does before its first record."""
        async with self.transactions.pool.acquire() as connection:
            self.rules.calendars.update(await keep_calendars(connection, self.rules.promises.calendars))

    async def ring(self) -> None:
        """One round of its timers."""
        await timer_loop(self.rules).step(self.transactions)

    def said(self, model: type[Fact]) -> list[Any]:
        """The events of a type so far."""
        return [event for event in self.events() if isinstance(event, model)]


def _opened() -> TicketOpened:
    return TicketOpened.model_validate(
        {
            "ticket_id": str(uuid.uuid4()),
            "ticket_no": "T-1",
            "at": datetime.now(UTC),
            "channel": "chat",
            "contact_id": "c",
            "problem_type": "refund",
        }
    )


def _amended(opened: TicketOpened) -> TicketAmended:
    about = {"ticket_id": opened.ticket_id, "ticket_no": "T-1", "at": datetime.now(UTC)}
    return TicketAmended.model_validate({**about, "contact_id": "c-2", "channel": "chat", "urgency": "high"})


def _rules(folder: Path, calendars: str, promises: str) -> RulesInForce:
    folder.mkdir()
    (folder / CALENDARS_FILE).write_text(calendars, encoding="utf-8")
    (folder / PROMISES_FILE).write_text(promises, encoding="utf-8")
    return RulesInForce(load_promises(folder))


@pytest.fixture
async def pair(servers: dict[str, str], tmp_path: Path) -> AsyncIterator[tuple[Replica, Replica]]:
    """A process that stays, and one that is started after it with other rule files."""
    async with own_transactions(servers["DATABASE_URL"], "sla") as (transactions, kept):
        staying = Replica(transactions, kept, SEALER, _rules(tmp_path / "old", CALENDARS, PROMISES))
        newer = Replica(
            transactions, kept, SEALER, _rules(tmp_path / "new", CHANGED, PROMISES.replace("always", "nights"))
        )
        await staying.start()
        await newer.start()
        yield staying, newer


async def test_promises_of_a_process_that_left_are_broken_aloud(pair: tuple[Replica, Replica]) -> None:
    """What a process with changed rule files promised before it went is broken aloud by those that stayed."""
    staying, newer = pair
    opened = [_opened() for _ in range(3)]
    await newer.tell(*opened)
    await staying.tell(_opened())
    assert len({promised.calendar for promised in newer.said(TicketPromised)}) == 2
    await staying.transactions.pool.execute(LATE, [one.ticket_id for one in opened])
    await staying.transactions.pool.execute(OVERDUE)
    await staying.ring()
    assert {event.ticket_id for event in staying.said(TicketBreached)} == {one.ticket_id for one in opened}


async def test_tickets_of_a_process_that_left_keep_their_calendar(pair: tuple[Replica, Replica]) -> None:
    """What happens to such a ticket afterwards moves its clocks by its own calendar."""
    staying, newer = pair
    opened = _opened()
    await newer.tell(opened)
    await staying.tell(_amended(opened))
    assert any(reference.startswith("nights@") for reference in staying.rules.calendars)


async def test_a_ticket_nobody_can_act_on_makes_no_other_late(pair: tuple[Replica, Replica]) -> None:
    """A ticket whose calendar is lost is put off by itself; every other promise of the round breaks in time."""
    staying, _ = pair
    opened = [_opened() for _ in range(20)]
    await staying.tell(*opened)
    await staying.transactions.pool.execute(LATE, [one.ticket_id for one in opened])
    await staying.transactions.pool.execute(BROKEN, opened[7].ticket_id)
    await staying.transactions.pool.execute(OVERDUE)
    await staying.ring()
    assert len({event.ticket_id for event in staying.said(TicketBreached)}) == 19
    left = await staying.transactions.pool.fetch(
        "select ticket_id, due_at > now() as later from timer where kind like 'b%'"
    )
    assert [(str(row["ticket_id"]), row["later"]) for row in left] == [(opened[7].ticket_id, True)]
