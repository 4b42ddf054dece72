"""The ids of tickets are UUIDs: what comes with another, and what was kept with one."""

import uuid

import asyncpg

from services.migrate import migrations_of
from shared.contracts import tickets
from shared.database.migrate import migrate
from tests.integration.notify.conftest import Notify, about, opened

TICKETS = """
insert into notify.ticket (ticket_id, ticket_no, identity, problem_type, version, level, opened, merged)
select id, 'T-1', 'none', 'other', 1, 0, true, false from unnest($1::text[]) as id
"""
INTENTS = """
insert into notify.intent (notice_id, ticket_id, kind, version, channel, state, template_version, cause, planned_at,
                           expires_at, attempt, contact_entries)
select gen_random_uuid(), id, 'opened', 1, 'sms', 'delivered', 1, 'c', now(), now(), 1, '{}'
from unnest($1::text[]) as id
"""
KEPT = "select ticket_id from notify.ticket join notify.intent using (ticket_id)"


async def test_an_event_with_no_ticket_id_is_a_dead_letter_with_a_reason(notify: Notify) -> None:
    """What names no ticket is refused by itself; the ticket beside it in the batch has its notice."""
    await notify.member(phone="+8613900009900")
    ticket = str(uuid.uuid4())
    await notify.tell(
        about("T-1", tickets.TicketResolved, by={"kind": "agent", "id": "a-1"}, how="done"), opened(ticket)
    )
    assert [reason for reason, _ in notify.refusals()] == ["bad_ticket_id"]
    assert (notify.states("T-1"), notify.states(ticket)) == ([], ["planned"])


async def test_tickets_that_were_kept_with_text_ids_are_kept(servers: dict[str, str]) -> None:
    """The migration keeps every ticket with its notices, but those whose id nobody of ours ever gave."""
    admin = await asyncpg.connect(servers["DATABASE_URL"])
    name = f"notify_{uuid.uuid4().hex[:12]}"
    await admin.execute(f"create database {name}")
    try:
        connection = await asyncpg.connect(f"{servers['DATABASE_URL'].rpartition('/')[0]}/{name}")
        all_of_them = migrations_of("notify")
        await migrate(connection, "notify", [one for one in all_of_them if "ticket_ids" not in one.name])
        ticket = uuid.uuid4()
        ids = [str(ticket), str(uuid.uuid4()).upper(), "T-1"]
        for statement in (TICKETS, INTENTS):
            await connection.execute(statement, ids)
        assert await migrate(connection, "notify", all_of_them) == ["notify/0042_post_ticket_ids.sql"]
        assert [row["ticket_id"] for row in await connection.fetch(KEPT)] == [ticket]
        await connection.close()
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()
