"""Where contestants meet: one Kafka, one PostgreSQL, and the processes of one contestant at a time.

Each contestant has a database and topics of its own (a prefix), with the same tables and partitions, so that none reads
what another wrote; the others do not run meanwhile.
"""

import asyncio
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import asyncpg
import psutil

from bench.feed import Feed, create_topics
from deploy.local.layout import CHECKOUT
from deploy.local.ports import Ports
from deploy.local.progress import Progress
from deploy.local.secret_keys import role_passwords
from deploy.local.services import CARRIER, PREPARATION, SERVICES, Service
from deploy.local.stack import Stack
from deploy.local.supervision import Supervision
from services.migrate import migrations_of, role_password
from shared.contracts.services import SERVICES as SCHEMAS
from shared.database.migrate import migrate
from shared.database.roles import give_role

RECORDING: Final = "KEFU_BENCH_RECORDING"
"""Where the baselines find what ours did, see ``baselines/recording.py``."""

REFERENCE: Final = ("intake.member", "intake.handle", "intake.platform_order", "routing.member", "notify.member")
"""Known before the first contact comes, and the same for every contestant; agents too, but for their load."""

_OWN: Final = ("migration", "consumer_offset")
_KEPT: Final = frozenset({*REFERENCE, "routing.agent", *(f"{schema}.{name}" for schema in SCHEMAS for name in _OWN)})


@dataclass(frozen=True, slots=True)
class Contestant:
    """Whoever does the work: ``label`` for people, the ``prefix`` of its topics, its ``database``, its processes."""

    label: str
    prefix: str
    database: str
    services: tuple[Service, ...]

    def only(self, *names: str) -> "Contestant":
        """The same with these hops alone."""
        return replace(self, services=tuple(one for one in self.services if one.name.split("-")[-1] in names))

    def times(self, count: int) -> "Contestant":
        """The same with so many processes of each service."""
        return replace(self, services=tuple(replace(one, count=count) for one in self.services))

    def group(self, hop: str) -> str:
        """The consumer group of a hop."""
        return f"{self.prefix.rstrip('.')}-{hop}".lstrip("-")


def _baseline(name: str, module: str) -> tuple[Service, ...]:
    python = SERVICES[0].command[0]
    return tuple(Service(f"{name}-{hop}", (python, "-m", module, hop)) for hop in SCHEMAS)


OURS: Final = Contestant("Kefu Bus", "", "kefu", SERVICES)
BARE: Final = Contestant("bare loop", "bare.", "bare", _baseline("bare", "bench.baselines.bare_loop"))
ONE: Final = Contestant("one by one", "one.", "one", _baseline("one", "bench.baselines.one_by_one"))
CONTESTANTS: Final = (OURS, BARE, ONE)


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes used since they were started: seconds of CPU, by process."""

    cpu_seconds: dict[str, float]

    def since(self, before: "Usage") -> "Usage":
        """The difference; a process that was not there before counts from its start."""
        return Usage({name: used - before.cpu_seconds.get(name, 0.0) for name, used in self.cpu_seconds.items()})


class Arena:
    """One run of the benchmarks. ``open`` first; the stack ends with this process, however it ends."""

    def __init__(self, root: Path, progress: Progress) -> None:
        self.progress = progress
        self.recording = root / "recording.pickle"
        self._root = root / "stack"
        rules = root / "config"
        _copy_rules(rules)
        self._environment = {**os.environ, "KEFU_CONFIG_DIR": str(rules), RECORDING: str(self.recording)}
        self._stack = self.stack(())
        self._running: Contestant | None = None

    def stack(self, services: Sequence[Service], preparation: Mapping[str, tuple[str, ...]] | None = None) -> Stack:
        """The stack of this run with these processes."""
        return Stack(
            self._root,
            services=services,
            preparation=preparation,
            environment=self._environment,
            tied_to=os.getpid(),
        )

    async def open(self) -> None:
        """Starts the servers and makes every contestant's tables and topics."""
        with self.progress.step("Kafka and PostgreSQL"):
            await asyncio.to_thread(self._stack.up)
            for one in CONTESTANTS:
                await self._create_database(one)
                await create_topics(self.servers, one.prefix)

    def close(self) -> None:
        """Stops everything and drops all data."""
        self._stack.clean()

    @property
    def servers(self) -> str:
        """Kafka's address."""
        return self.environment()["KAFKA_BOOTSTRAP_SERVERS"]

    @property
    def root(self) -> Path:
        """The folder of the stack."""
        return self._root

    def environment(self) -> dict[str, str]:
        """What every process is given."""
        return self._stack.environment()

    def url(self, database: str) -> str:
        """The address of a database of this server."""
        return database_url(self.environment()["DATABASE_URL"], database)

    def feed(self, contestant: Contestant) -> Feed:
        """What goes into a contestant and what comes out."""
        return Feed(self.servers, contestant.prefix)

    async def run(self, contestant: Contestant) -> None:
        """Starts this contestant's processes, after the others were stopped; returns when they are ready."""
        if self._running == contestant:
            return
        carrier = (CARRIER,) if any(one.name == "notify" for one in contestant.services) else ()
        self._stack = self.stack((*contestant.services, *carrier))
        await asyncio.to_thread(self._stack.up)
        self._running = contestant

    async def start_all(self) -> float:
        """Everything from nothing running to ready, as ``make up`` does with data that are there. In seconds."""
        await asyncio.to_thread(self._stack.down)
        self._stack = self.stack((*OURS.services, CARRIER), PREPARATION)
        began = time.monotonic()
        await asyncio.to_thread(self._stack.up)
        self._running = OURS
        return time.monotonic() - began

    def port(self, process: str) -> int:
        """The port of a process that ran before."""
        port = Ports(self._stack.layout.ports).known(process)
        assert port is not None, "it has run before"
        return port

    async def rest(self) -> None:
        """Stops all contestants; the servers go on."""
        self._stack = self.stack(())
        await asyncio.to_thread(self._stack.up)
        self._running = None

    async def connect(self, contestant: Contestant) -> asyncpg.Connection:
        """A connection to its database."""
        return await asyncpg.connect(self.url(contestant.database))

    async def reset(self, contestant: Contestant) -> None:
        """Empties its tables but for reference data, so that every round starts alike. Nobody may be running."""
        connection = await self.connect(contestant)
        try:
            tables = [name for name in await _tables(connection) if name not in _KEPT]
            await connection.execute(f"truncate {', '.join(tables)}")
            await connection.execute("update routing.agent set load = 0, seats = capacity, last_assigned_at = null")
            await connection.execute("vacuum analyze")
            await connection.execute("checkpoint")
        finally:
            await connection.close()

    async def share_reference_data(self) -> None:
        """Gives the baselines the members, orders and agents that ours has taken over."""
        source = await self.connect(OURS)
        try:
            for one in CONTESTANTS[1:]:
                target = await self.connect(one)
                for table in (*REFERENCE, "routing.agent"):
                    rows = await source.fetch(f"select * from {table}")
                    schema, name = table.split(".")
                    await target.execute(f"truncate {table}")
                    await target.copy_records_to_table(name, schema_name=schema, records=[tuple(row) for row in rows])
                await target.close()
        finally:
            await source.close()

    def usage(self) -> Usage:
        """CPU seconds of every process so far, the servers' children included."""
        return Usage({name: _cpu_seconds(pid) for name, pid in self.pids().items()})

    def pids(self) -> dict[str, int]:
        """The processes that run now."""
        found = Supervision(self._stack.layout).processes()
        return {name: info.pid for name, info in found.items() if info.pid}

    async def _create_database(self, contestant: Contestant) -> None:
        if contestant is not OURS:
            admin = await self.connect(OURS)
            await admin.execute(f"create database {contestant.database}")
            await admin.close()
        connection = await self.connect(contestant)
        try:
            passwords = role_passwords(self._stack.layout)
            for schema in SCHEMAS:
                await migrate(connection, schema, migrations_of(schema))
                await give_role(connection, schema, passwords[role_password(schema)])
        finally:
            await connection.close()


def database_url(url: str, database: str) -> str:
    """The same server, another database."""
    return f"{url.rpartition('/')[0]}/{database}"


async def _tables(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch(
        "select schemaname || '.' || tablename as name from pg_tables where schemaname = any($1::text[])", list(SCHEMAS)
    )
    return [row["name"] for row in rows]


def _cpu_seconds(pid: int) -> float:
    """Of the process, of its children that are over, and of those that live."""
    try:
        process = psutil.Process(pid)
        return sum(process.cpu_times()[:4]) + sum(sum(one.cpu_times()[:2]) for one in process.children(recursive=True))
    except psutil.NoSuchProcess:
        return 0.0


def _copy_rules(folder: Path) -> None:
    """The shipped rules, but that reservations do not run out: nobody accepts tickets here."""
    shutil.copytree(CHECKOUT / "config", folder)
    queues = folder / "queues.yaml"
    queues.write_text(re.sub(r"accept_seconds: \d+", "accept_seconds: 3600", queues.read_text("utf-8")), "utf-8")
