"""A service's own role in PostgreSQL: all it needs in its schema, and nothing anywhere else."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg
import pytest

from services.migrate import migrations_of, role_password
from shared.contracts.services import SERVICES
from shared.database.migrate import migrate, missing_migrations
from shared.database.pool import open_pool
from shared.database.roles import give_role, role_of

PASSWORD = "it's \\ a pass'word"
REFUSED = (
    "select * from notify.member",
    "insert into notify.ticket (ticket_no) values ('x')",
    "copy (select 1) to program 'true'",
    "copy (select 1) to '/tmp/kefu-role-test'",
    "create table intake.mine (a int)",
    "create table public.mine (a int)",
    "create role more",
    "alter role current_user superuser",
    "drop table intake.contact",
    "set role kefu_notify",
    "select pg_read_file('PG_VERSION')",
)


@dataclass
class Home:
    """A database with every schema, and how the administrator and a service enter it."""

    admin_url: str
    admin: asyncpg.Connection

    def url(self, service: str) -> str:
        """As this service's role, with a password that no URL needs to spell."""
        parts = urlsplit(self.admin_url)
        return f"postgresql://{role_of(service)}@{parts.hostname}:{parts.port}{parts.path}"

    async def enter(self, service: str) -> asyncpg.Connection:
        """A session of the service's role."""
        return await asyncpg.connect(
            self.url(service),
            password=PASSWORD,
            server_settings={"search_path": service, "application_name": "kefu-me"},
        )


@pytest.fixture
async def home(servers: dict[str, str]) -> AsyncIterator[Home]:
    name = f"roles_{uuid.uuid4().hex[:12]}"
    url = f"{servers['DATABASE_URL'].rpartition('/')[0]}/{name}"
    server = await asyncpg.connect(servers["DATABASE_URL"])
    await server.execute(f"create database {name}")
    admin = await asyncpg.connect(url)
    for service in SERVICES:
        await migrate(admin, service, migrations_of(service))
        await give_role(admin, service, PASSWORD)
    yield Home(url, admin)
    await admin.close()
    await server.execute(f"drop database {name} with (force)")
    for service in SERVICES:
        await server.execute(f"drop role if exists {role_of(service)}")
    await server.close()


async def test_a_service_can_do_all_it_needs_in_its_own_schema(home: Home) -> None:
    """Every table and sequence of its own, tables of later migrations too, without being a superuser."""
    await home.admin.execute("create table sla.later (a int generated always as identity)")
    for service in SERVICES:
        entered = await home.enter(service)
        assert await entered.fetchval("select not rolsuper from pg_roles where rolname = current_user")
        assert await missing_migrations(entered, migrations_of(service)) == []
        for row in await home.admin.fetch("select tablename from pg_tables where schemaname = $1", service):
            for statement in ("select from {}", "delete from {} where false"):
                await entered.execute(statement.format(row["tablename"]))
        if service == "sla":
            await entered.execute("insert into later default values")
        await entered.close()


@pytest.mark.parametrize("statement", REFUSED)
async def test_a_service_can_do_nothing_elsewhere(home: Home, statement: str) -> None:
    """No row of another service, no file, no program, no table and no right of its own making."""
    entered = await home.enter("intake")
    with pytest.raises(asyncpg.PostgresError, match=r"permission denied|must be owner|denied|Only roles"):
        await entered.execute(statement)
    await entered.close()


async def test_a_service_ends_what_its_own_sessions_left_open(home: Home) -> None:
    """The next owner of a partition ends a stopped process's transaction, with no more rights than its own."""
    stopped = await home.enter("intake")
    await stopped.execute(
        "insert into consumer_offset (topic, part, next_off, epoch, owner) values ('t', 0, 0, 1, 'me')"
    )
    await stopped.execute("begin; select 1")
    other = await home.enter("intake")
    assert (
        await other.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = current_user "
            "and application_name = 'kefu-me' and xact_start is not null and pid <> pg_backend_pid()"
        )
        == 1
    )
    stopped.terminate()
    await other.close()


async def test_giving_a_role_again_changes_its_password(home: Home) -> None:
    """The job may run at every start, also with another password."""
    await give_role(home.admin, "sla", "another")
    pool = await open_pool(
        home.url("sla").replace("@", ":another@"), schema="sla", connections=2, application="kefu-test"
    )
    assert await pool.fetchval("select count(*) from ticket") == 0
    await pool.close()


async def test_where_no_role_may_be_made_the_job_says_so_and_goes_on(home: Home) -> None:
    """On a managed server whose user may not create roles the schemas are migrated all the same."""
    await home.admin.execute("grant all on database " + urlsplit(home.admin_url).path[1:] + " to kefu_intake")
    await home.admin.execute("alter schema intake owner to kefu_intake")
    await home.admin.execute("alter table intake.migration owner to kefu_intake")
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.migrate", "intake"],
        env={
            **os.environ,
            "DATABASE_URL": home.url("intake"),
            "PGPASSWORD": PASSWORD,
            role_password("intake"): "whatever",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no role of its own" in done.stdout
