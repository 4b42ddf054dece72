"""sla without its processes: batches in, timers when they are due, events out, over a database of its own."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from services.sla.loops.timers import timer_loop
from services.sla.rules.in_force import RulesInForce
from services.sla.rules.promise_files import load_promises
from services.sla.rules.promise_rules import CALENDARS_FILE, PROMISES_FILE
from services.sla.subscribers import subscriber
from services.sla.use_cases.keep_promised_calendars import keep_promised_calendars
from shared.bus.record import Batch
from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.model import Fact
from shared.contracts.tickets import TicketEvent, TicketOpened
from tests.integration.harness import events_of, refusals_of, ticket_event
from tests.integration.own_database import KeptPublications, own_transactions

CALENDARS = "calendars:\n  always:\n    timezone: UTC\n    always_open: true\n"
PROMISES = """
ladders:
  usual:
    rungs:
      - {team: supervisor, climb_after: 30m}
      - {team: operations}
policies:
  - name: all
    calendar: always
    first_answer: 2h
    next_answer: 1h
    warn_before: 25%
    ladder: usual
"""
DUE = "update timer set due_at = now() - interval '1 second'"
LATE = """
update ticket set clocks = jsonb_set(clocks, '{clocks,0,due}', to_jsonb(now() - interval '1 minute'))
where ticket_id = any($1::uuid[])
"""

E = TypeVar("E", bound=Fact)


class Replica:
    """One process of sla with rule files of its own; replicas share a database."""

    def __init__(self, transactions: Transactions, kept: KeptPublications, folder: Path) -> None:
        self.transactions, self.kept, self.folder = transactions, kept, folder
        self.rules = RulesInForce(load_promises(folder))

    async def start(self) -> "Replica":
        """What a process does before its first record."""
        await keep_promised_calendars(self.transactions, self.rules)
        return self

    async def handle(self, *events: TicketEvent) -> None:
        """One batch."""
        async with self.transactions.begin() as work:
            await self.handle_in(work, *events)

    async def handle_in(self, work: UnitOfWork, *events: TicketEvent) -> None:
        """One batch in somebody else's transaction."""
        await subscriber(self.rules)(Batch(tuple(map(ticket_event, events))), work)

    async def fire(self) -> None:
        """One round of its timers."""
        await timer_loop(self.rules).step(self.transactions)

    async def break_first_answers(self, *tickets: TicketEvent) -> None:
        """Time goes by until the first answers of these tickets are late, and every timer is due."""
        await self.transactions.pool.execute(LATE, [ticket.ticket_id for ticket in tickets])
        await self.transactions.pool.execute(DUE)

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says."""
        return [tuple(row) for row in await self.transactions.pool.fetch(query, *values)]

    def published(self, model: type[E]) -> list[E]:
        """The events of a type so far, of whichever replica."""
        return [event for event in events_of(self.kept.published) if isinstance(event, model)]

    def dead_letters(self) -> list[str]:
        """The reasons of the dead letters so far."""
        return [reason for reason, _ in refusals_of(self.kept.published)]


def opened(**fields: Any) -> TicketOpened:
    """A ticket that is opened now."""
    usual = {
        "ticket_id": str(uuid.uuid4()),
        "ticket_no": "T-1",
        "member_id": "m-1",
        "at": datetime.now(UTC),
        "channel": "chat",
        "contact_id": "c-1",
        "problem_type": "refund",
    }
    return TicketOpened.model_validate({**usual, **fields})


def about(ticket: TicketOpened, model: type[E], **fields: Any) -> E:
    """Something that happens to a ticket now."""
    usual = {"ticket_id": ticket.ticket_id, "ticket_no": "T-1", "member_id": "m-1", "at": datetime.now(UTC)}
    return model.model_validate({**usual, **fields})


def rule_files(folder: Path, calendars: str = CALENDARS, promises: str = PROMISES) -> Path:
    """A folder of rule files."""
    folder.mkdir()
    (folder / CALENDARS_FILE).write_text(calendars, encoding="utf-8")
    (folder / PROMISES_FILE).write_text(promises, encoding="utf-8")
    return folder


@pytest.fixture
async def sla(servers: dict[str, str], tmp_path: Path) -> AsyncIterator[Replica]:
    """A process of sla that was just started."""
    async with own_transactions(servers["DATABASE_URL"], "sla") as (transactions, kept):
        yield await Replica(transactions, kept, rule_files(tmp_path / "rules")).start()


@pytest.fixture
async def twin(sla: Replica) -> Replica:
    """A second process with the same rules over the same database."""
    return await Replica(sla.transactions, sla.kept, sla.folder).start()


@pytest.fixture
async def newer(sla: Replica, tmp_path: Path) -> Replica:
    """A process that was started after the first with edited rule files: other holidays, and another calendar."""
    edited = CALENDARS + "    holidays: [2001-01-01]\n  nights:\n    timezone: Europe/Berlin\n    always_open: true\n"
    folder = rule_files(tmp_path / "edited", edited, PROMISES.replace("first_answer: 2h", "first_answer: 3h"))
    return await Replica(sla.transactions, sla.kept, folder).start()
