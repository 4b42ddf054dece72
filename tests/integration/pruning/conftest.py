"""Each service's loop that deletes, over tables filled with tickets of every age and state."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any

import asyncpg
import pytest

from cli.settings.catalogue import settings_class
from shared.bus.transactions import Transactions
from shared.contracts.ids import derived_id
from shared.contracts.services import SERVICES
from shared.runtime.loop import Loop
from tests.integration.own_database import own_transactions

PRUNING = tuple(name for name in SERVICES if find_spec(f"services.{name}.pruning"))
INSERT = {
    "intake": """
insert into ticket (ticket_id, ticket_no, sender, tier, problem_type, missing, urgency, identity, status, opened_at,
                    last_contact_at, changed_at)
select id::uuid, id, '', 'standard', 'other', '[]', 'normal', 'none', case when over then 'closed' else 'open' end,
       at, at, at from unnest($1::text[], $2::bool[], $3::timestamptz[]) as v (id, over, at)
""",
    "routing": """
insert into ticket (ticket_id, ticket_no, tier, problem_type, urgency, opened_at, entered_at, queued_at, rank_at,
                    try_at, queue, state, lane, attempt, passed, level, closed_at)
select id::uuid, id, 'standard', 'other', 'normal', at, at, at, at, at, 'q',
       case when over then 'closed' else 'resolved' end, 'normal', 0, '{}', 0, case when over then at end
from unnest($1::text[], $2::bool[], $3::timestamptz[]) as v (id, over, at)
""",
    "sla": """
insert into ticket (ticket_id, ticket_no, tier, clocks, changed_at)
select id::uuid, id, 'standard', jsonb_build_object('phase', case when over then 'closed' else 'open' end), at
from unnest($1::text[], $2::bool[], $3::timestamptz[]) as v (id, over, at)
""",
    "notify": """
insert into ticket (ticket_id, ticket_no, identity, problem_type, version, level, opened, merged, ended, changed_at)
select id, id::text, 'none', 'other', 0, 0, true, false, over, at
from unnest($1::uuid[], $2::bool[], $3::timestamptz[]) as v (id, over, at)
""",
}
SEEN = "insert into seen select id, source, 1 from unnest($1::text[]) as id, unnest('{/kefu/sla,/x}'::text[]) as source"
HANGING_ON = {
    "intake": """
insert into contact (channel, contact_id, ticket_id, rule, identity, sender, sender_sealed, content_sealed, received_at,
                     handled_at)
select 'chat', ticket_id::text, ticket_id, 'new', 'none', '', '', '', opened_at, opened_at from ticket
""",
    "routing": "insert into timer select ticket_id, 'close', now() + interval '1 day', '{}' from ticket",
    "sla": "select 1",
    "notify": """
insert into intent (notice_id, ticket_id, kind, version, channel, state, template_version, cause, planned_at,
                    expires_at, attempt, contact_entries)
select gen_random_uuid(), ticket_id, 'opened', 1, 'sms', 'delivered', 1, 'c', now(), now(), 1, '{}' from ticket
""",
}


@dataclass
class Aged:
    """One service's loop over a database of its own."""

    service: str
    transactions: Transactions
    loop: Loop

    @property
    def pool(self) -> asyncpg.Pool:
        """Its database."""
        return self.transactions.pool

    async def tickets(self, prefix: str, count: int, *, days: float, ended: bool, changed_days: float) -> None:
        """Tickets opened ``days`` ago, which last changed ``changed_days`` ago, each with what hangs on one."""
        now = datetime.now(UTC)
        opened, changed = now - timedelta(days=days), now - timedelta(days=changed_days)
        ids = [str(derived_id(prefix, str(number), opened)) for number in range(count)]
        await self.pool.execute(INSERT[self.service], ids, [ended] * count, [changed] * count)
        await self.pool.execute(SEEN, ids)

    async def hang_on(self) -> None:
        """A row on every ticket in each table that refers to tickets."""
        await self.pool.execute(HANGING_ON[self.service])

    async def prune(self) -> int:
        """Runs the loop until it has nothing more to do; how many rounds that took."""
        rounds = 1
        while await self.loop.step(self.transactions):
            rounds += 1
        return rounds

    async def tables_read_through(self) -> dict[str, int]:
        """How often each table was read from its beginning to its end."""
        await self.pool.expire_connections()
        await self.pool.fetchval("select 1")
        await asyncio.sleep(1.5)  # a session that ends tells its counts, and another reads them anew
        await self.pool.expire_connections()
        rows = await self.pool.fetch(
            "select relname, seq_scan from pg_stat_user_tables where relname = any($1)",
            ["ticket", "seen", "contact", "intent", "timer"],
        )
        return {row["relname"]: row["seq_scan"] for row in rows}

    async def count(self, table: str) -> int:
        """The rows of a table."""
        return int(await self.pool.fetchval(f"select count(*) from {table}"))


def of(service: str) -> pytest.MarkDecorator:
    """For what one service alone keeps: its loop, and no other's."""
    return pytest.mark.parametrize("aged", [service], indirect=True)


@pytest.fixture(params=PRUNING)
async def aged(
    request: pytest.FixtureRequest, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Aged]:
    """Each service in turn; what it keeps for 1100 days elsewhere it keeps for 90 here."""
    for name, value in servers.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KEFU_KEEP_CONTACTS_DAYS", "90")
    monkeypatch.setenv("KEFU_CARRIER_URL", "http://127.0.0.1:1")
    for secret in ("KEFU_CARRIER_SECRET", "KEFU_RECEIPT_SECRET", "KEFU_CHANNEL_SECRET"):
        monkeypatch.setenv(secret, servers.get(secret, "s" * 32))
    prune = importlib.import_module(f"services.{request.param}.pruning").prune
    settings: Any = settings_class(request.param)
    async with own_transactions(servers["DATABASE_URL"], request.param) as (transactions, _):
        yield Aged(request.param, transactions, prune(settings()))
