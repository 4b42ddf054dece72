"""A member writes, is served and is forgotten: the command says what was erased, and no table knows them any more."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import asyncpg

from deploy.local.services import SERVICES
from tests.e2e.outside import ORDER, Outside


async def kefu(outside: Outside, *arguments: str) -> dict[str, Any]:
    """Runs the command with the addresses of the stack; its one line of JSON."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "cli.main", *arguments],
        env=outside.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)  # type: ignore[no-any-return]


async def everything(url: str) -> str:
    """Every row of every table of every service, as text."""
    connection = await asyncpg.connect(url)
    schemas = [service.name for service in SERVICES]
    tables = await connection.fetch("select schemaname, tablename from pg_tables where schemaname = any($1)", schemas)
    rows = [
        await connection.fetch(f"select t::text as row from {table['schemaname']}.{table['tablename']} t")
        for table in tables
    ]
    await connection.close()
    return "\n".join(row["row"] for table in rows for row in table)


async def test_a_forgotten_member_is_in_no_table(outside: Outside) -> None:
    """What they wrote by their telephone, their ticket, notices, order and addresses are gone everywhere."""
    member, order_no = outside.name("M"), outside.name("KA2026")
    phone = await outside.member(member)
    await outside.tell(ORDER, order_no, {"order_no": order_no, "member_id": member, "version": 1})
    await asyncio.sleep(2)
    contact = await outside.send_contact(channel="phone", sender={"kind": "phone", "value": phone})
    ticket_id = (await outside.opened(contact))["ticket_id"]
    await outside.of(ticket_id, "promised")
    await outside.notice(ticket_id, "planned")
    url = outside.environment["DATABASE_URL"]
    assert member in await everything(url)
    told = await kefu(outside, "forget", member, "--yes", "--json", "--wait", "90")
    assert told["orders"] == 1
    assert told["erased"]["intake"]["contact"] == 1
    assert all(erased["ticket"] == 1 for erased in told["erased"].values())
    assert {one["topic"] for one in told["left"]} >= {"support.contact.v1", "support.ticket.v1"}
    assert all(one["gone_by"] for one in told["left"])
    left = await everything(url)
    # the order itself names them until it has been looked at again for an hour
    assert [row for row in left.splitlines() if member in row and told["request_id"] not in row] == []
    assert order_no not in left
    again = await kefu(outside, "forget", member, "--yes", "--json", "--wait", "90")
    assert {sum(tables.values()) for tables in again["erased"].values()} == {0}
