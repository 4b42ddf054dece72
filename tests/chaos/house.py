"""The system under test: two processes of every service with clocks minutes apart, their servers, and the carrier."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
import yaml
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from cli.kafka_log import admin_client
from deploy.local.layout import CHECKOUT
from deploy.local.services import PREPARATION, scaled_services
from deploy.local.stack import Stack
from deploy.local.supervision import MARK
from deploy.local.waiting import is_ready
from shared.bus.topics import wanted
from shared.contracts.services import SERVICES
from tests.chaos.fault import REPLICAS
from tests.chaos.garbage import KEY, Headers
from tests.chaos.sender import Sender

SKEW: Final = {1: 180, 2: -120}
"""How wrong the clock of each replica's host is, in seconds, the whole run."""

READY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05


class House:
    """Everything of one run below ``root``. ``up`` and ``down`` block; the rest is for faults."""

    def __init__(self, root: Path) -> None:
        self.root = root
        rules = root / "config"
        own = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
        for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"):
            own.pop(name, None)
        scale = " ".join(f"{service}={REPLICAS}" for service in SERVICES)
        self.stack = Stack(
            root / "stack",
            services=scaled_services(scale),
            preparation=PREPARATION,
            commands={
                f"{service}-{replica}": (sys.executable, "-m", "tests.chaos.skewed", str(skew), f"services.{service}")
                for service in SERVICES
                for replica, skew in SKEW.items()
            },
            environment={**own, "KEFU_CONFIG_DIR": str(rules)},
            tied_to=os.getpid(),
        )
        _write_rules(rules)
        self.instances = [f"{service}-{replica}" for service in SERVICES for replica in range(1, REPLICAS + 1)]
        self._extras = 0
        self._running: list[subprocess.Popen[bytes]] = []
        self.sender: Sender

    def up(self) -> None:
        """Starts everything; returns when all of it is ready."""
        self.stack.up()
        self.environment = self.stack.environment()
        self.servers = self.environment["KAFKA_BOOTSTRAP_SERVERS"]

    def down(self) -> None:
        """Stops everything, whatever state it is in."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.wait()
        self.stack.down()

    def pid(self, instance: str) -> int:
        """The process that is an instance now."""
        return int(self.stack.layout.pid_file(instance).read_text())

    async def connect(self, *, patience: float = 30.0) -> asyncpg.Connection:
        """A session on the database, as soon as it gives one."""
        end = time.monotonic() + patience
        while True:
            try:
                return await asyncpg.connect(self.environment["DATABASE_URL"], timeout=10, ssl=False)
            except (OSError, TimeoutError, asyncpg.PostgresError):
                if time.monotonic() >= end:
                    raise
                await asyncio.sleep(_POLL_SECONDS)

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """The rows of one query."""
        connection = await self.connect()
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Whether something came to be in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError, ValueError):
                if condition():
                    return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    async def until_ready(self, *instances: str, seconds: float = READY_SECONDS) -> list[str]:
        """Waits for these instances, or all; returns those that are not ready in time."""
        waiting = list(instances or self.instances)
        end = time.monotonic() + seconds
        while waiting and time.monotonic() < end:
            ready = await asyncio.gather(*(asyncio.to_thread(is_ready, self.stack.port(one)) for one in waiting))
            waiting = [one for one, answers in zip(waiting, ready, strict=True) if not answers]
            await asyncio.sleep(_POLL_SECONDS)
        return waiting

    def start_extra(self, service: str, **environment: str) -> subprocess.Popen[bytes]:
        """One more process of a service, kept by nobody, with settings of its own."""
        self._extras += 1
        with self._extra_log(service).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}"],
                cwd=CHECKOUT,
                env={
                    **os.environ,
                    **self.environment,
                    "KEFU_HTTP_PORT": "0",
                    "KEFU_INSTANCE": f"{service}-extra-{self._extras}",
                    MARK: str(self.stack.layout.root),
                    **environment,
                },
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    async def until_extra_started(self, service: str, *, seconds: float = READY_SECONDS) -> bool:
        """Whether the latest extra process has claimed its partitions in time."""
        log = self._extra_log(service)
        return await self.until(lambda: "bus.claimed" in log.read_text("utf-8", "replace"), seconds=seconds)

    async def wait_for_end(self, process: subprocess.Popen[bytes], *, seconds: float) -> None:
        """Until a process has ended; it is killed when it does not end in time."""
        if not await self.until(lambda: process.poll() is not None, seconds=seconds):
            process.kill()
            await asyncio.to_thread(process.wait)
        self._running.remove(process)

    async def throw(self, number: int, records: Iterable[tuple[str, bytes, Headers]]) -> None:
        """Publishes garbage."""
        for part, (topic, value, headers) in enumerate(records):
            await self.sender.tell(topic, f"{KEY}{number}/{part}", value, headers)

    @contextlib.asynccontextmanager
    async def topic_settings(self, topic: str, settings: Mapping[str, str]) -> AsyncIterator[None]:
        """A topic has these settings inside, and its own after."""
        await self.set_topics([topic], settings)
        try:
            yield
        finally:
            await self.set_topics([topic], {})

    async def set_topics(self, names: Sequence[str] | None, settings: Mapping[str, str]) -> None:
        """Settings of these topics, or all, on top of those of the contract. The broker's clock stamps every record."""
        own = {topic.name: topic.topic_configs for topic in wanted()}
        resources = [
            ConfigResource(
                ConfigResourceType.TOPIC,
                name,
                configs={**own[name], "message.timestamp.type": "LogAppendTime", **settings},
            )
            for name in names or own
        ]
        async with admin_client(self.servers) as admin:
            await admin.alter_configs(resources)

    def _extra_log(self, service: str) -> Path:
        return self.stack.layout.logs / f"{service}-extra-{self._extras}.log"


def _write_rules(folder: Path) -> None:
    """The shipped rules, with times a run of minutes can see the end of."""
    shutil.copytree(CHECKOUT / "config", folder)
    promises = yaml.safe_load((folder / "promises.yaml").read_text("utf-8"))
    promises["ladders"]["urgent"] |= {
        "rungs": [
            {"team": "supervisor", "climb_after": "2s"},
            {"team": "technical", "climb_after": "2s"},
            {"team": "operations"},
        ]
    }
    for policy in promises["policies"]:
        if policy["name"] == "enterprise":
            policy |= {"first_answer": "4s", "plan": "20s", "next_answer": "6s"}
    (folder / "promises.yaml").write_text(yaml.safe_dump(promises, allow_unicode=True, sort_keys=False), "utf-8")
    queues = yaml.safe_load((folder / "queues.yaml").read_text("utf-8"))
    for one in (*queues["queues"].values(), *queues["lanes"].values()):
        if "accept_seconds" in one:
            one["accept_seconds"] = 8
        if "wait_seconds" in one:
            one["wait_seconds"] = 3
    queues["patience"] |= {"cool_down_seconds": 20, "alone_cool_down_seconds": 1}
    (folder / "queues.yaml").write_text(yaml.safe_dump(queues, allow_unicode=True, sort_keys=False), "utf-8")
