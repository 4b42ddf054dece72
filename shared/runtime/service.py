"""A service: the bus, its loops and its HTTP side in one process that starts, drains and stops cleanly."""

import asyncio
import contextlib
import functools
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

import asyncpg
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from shared.bus.aiokafka_patches import patch_closed_connection_write
from shared.bus.batch import BatchProcessor
from shared.bus.consumer import BusConsumer
from shared.bus.faults import Faults
from shared.bus.fence import Fence
from shared.bus.outbox import Relay
from shared.bus.preparing import Prepare, give_way
from shared.bus.publisher import KafkaPublisher, Publisher
from shared.bus.record import types_not_subscribed_to
from shared.bus.transactions import Handler, Transactions
from shared.contracts.services import GROUPS
from shared.contracts.tickets import TicketEvent
from shared.contracts.topics import Topic
from shared.database.migrate import Migration, missing_migrations
from shared.database.now import HEARD_EVERY_SECONDS, DatabaseClock, database_now
from shared.database.pool import open_pool
from shared.failures import for_log
from shared.http.body import BodyGuard
from shared.http.health import health_routes
from shared.http.problems import install_problem_documents
from shared.http.server import server_config
from shared.runtime.loop import Loop
from shared.runtime.memory import freeze_gc, lower_mmap_threshold
from shared.runtime.watchdog import Watchdog
from shared.security.tags import EventTags
from shared.settings import ServiceSettings
from shared.tasks import call_off, keep
from shared.telemetry import logging, metrics

log = structlog.get_logger()

TIDYING_SECONDS: Final = 5.0


@dataclass(slots=True)
class Running:
    """What exists while a service runs. HTTP handlers find it as ``request.app.state.running``.

    ``publisher`` is for them alone: their short deadlines must not throw away the producer of the outbox.
    """

    transactions: Transactions
    publisher: Publisher
    consumer: BusConsumer
    migrations: Sequence[Migration]
    fatal: str | None = None
    server: uvicorn.Server | None = None

    async def checks(self) -> dict[str, str]:
        """The checks that fail now, each with its reason; empty when the service is ready."""
        failing = {}
        if reason := self.consumer.unready():
            failing["bus"] = reason
        try:
            async with asyncio.timeout(2):
                if lacking := await missing_migrations(self.transactions.pool, self.migrations):
                    failing["migrations"] = f"not applied: {', '.join(lacking)}"
        except Exception as error:
            failing["database"] = for_log(error)
        return failing

    def end(self, reason: str) -> None:
        """Stops the process with an exit code that says so; whoever keeps it starts it anew.

        What it waits for while it tidies up may be what has died, so it is given a few seconds and no more.
        """
        self.fatal = reason
        log.critical("service.ending", reason=reason)
        if self.server is not None:
            self.server.should_exit = True
            asyncio.get_running_loop().call_later(TIDYING_SECONDS, os._exit, 1)


Hook = Callable[[Running], Awaitable[None]]


async def _nothing(_: Running) -> None: ...


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is made of; ``build_app`` of each service returns one, and nothing else wires anything.

    ``topics`` and ``group`` are those of the contract unless given. ``on_start`` runs before the first record is
    handled, ``on_stop`` after the last. ``subscribes_to`` are the events of tickets that mean anything to ``handler``,
    all when none is named: the others are passed over unread, and are most of them. ``prepare`` is what takes long and
    needs no database. ``clock`` is right before anything is served, and stays so.
    """

    name: str
    settings: ServiceSettings
    handler: Handler
    migrations: Sequence[Migration]
    loops: Sequence[Loop] = ()
    routers: Sequence[APIRouter] = ()
    subscribes_to: Collection[type[TicketEvent]] = ()
    prepare: Prepare[Any] | None = None
    clock: DatabaseClock = field(default_factory=DatabaseClock)
    topics: Sequence[Topic] = ()
    group: str = ""
    on_start: Hook = field(default=_nothing)
    on_stop: Hook = field(default=_nothing)

    @property
    def instance(self) -> str:
        """The name of this process: given, or the same after a restart only where host and process id are."""
        return self.settings.instance or f"{self.name}-{socket.gethostname()}-{os.getpid()}"

    def http(self) -> FastAPI:
        """The HTTP side, with the whole service as its lifespan."""
        app = FastAPI(
            title=f"Kefu Bus {self.name}", version="1", lifespan=self._lifespan, docs_url=None, redoc_url=None
        )
        install_problem_documents(app)
        app.add_middleware(BodyGuard, seconds=self.settings.http_body_seconds)
        app.include_router(health_routes())
        for router in self.routers:
            app.include_router(router)
        return app

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        settings, known_as = self.settings, f"kefu-{self.instance}"
        pool = await open_pool(
            settings.database_url.get_secret_value(),
            schema=self.name,
            connections=settings.database_connections,
            application=known_as,
        )
        publisher = KafkaPublisher(settings.bus.servers, client_id=known_as)
        faults = Faults(settings.bus.fault)
        tags = EventTags.from_settings(settings.event_key.get_secret_value(), settings.untagged_events)
        transactions = Transactions(self.name, pool, Relay(pool, publisher, faults, tags), faults)
        fence = Fence(self.instance)
        processor = BatchProcessor(transactions, fence, self.handler, settings.bus, self.prepare)
        edge_publisher = KafkaPublisher(settings.bus.servers, client_id=f"{known_as}-edge")
        running = Running(transactions, edge_publisher, _no_consumer, self.migrations)
        running.consumer = BusConsumer(
            transactions,
            fence,
            processor,
            settings.bus,
            topics=self.topics or GROUPS[self.name],
            group=self.group or self.name,
            on_fatal=running.end,
            ignored_types=types_not_subscribed_to(self.subscribes_to),
            tags=tags,
        )
        running.server = getattr(app.state, "server", None)
        app.state.running = running
        watchdog = Watchdog(running.consumer.is_stuck, blocked_seconds=settings.bus.stuck_seconds)
        await _wait_for_migrations(pool, self.migrations)
        hear_time = functools.partial(_hear_time, self.clock)
        await hear_time(transactions)
        await self.on_start(running)
        loops = (Loop("outbox.sweep", _sweep, 1.0), Loop("clock", hear_time, HEARD_EVERY_SECONDS), *self.loops)
        await running.consumer.start()
        tasks = [
            keep(_report(running), "the report of the bus", running.end),
            keep(watchdog.watch(), "the watchdog", running.end),
            *(keep(loop.run(transactions), f"the loop {loop.name}", running.end) for loop in loops),
        ]
        freeze_gc()
        log.info("service.started")
        try:
            yield
        finally:
            await call_off(*tasks)
            await running.consumer.stop()
            await self.on_stop(running)
            await asyncio.gather(publisher.close(), edge_publisher.close())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pool.close(), 5)
            log.info("service.stopped")


_no_consumer: BusConsumer = None  # type: ignore[assignment]  # set right after: the consumer needs Running.end


async def _wait_for_migrations(pool: asyncpg.Pool, migrations: Sequence[Migration]) -> None:
    while lacking := await missing_migrations(pool, migrations):
        log.warning("service.waiting_for_migrations", lacking=lacking)
        await asyncio.sleep(1)


async def _hear_time(clock: DatabaseClock, transactions: Transactions) -> bool:
    clock.heard(await database_now(transactions.pool))
    return False


async def _sweep(transactions: Transactions) -> bool:
    metrics.OUTBOX_OLDEST_SECONDS.set(await transactions.relay.oldest_seconds())
    metrics.PUBLISHED.inc(await transactions.relay.sweep())
    return False


async def _report(running: Running) -> None:
    while True:
        if running.fatal is None and (reason := running.consumer.dead()):
            running.end(reason)
        await running.consumer.report()
        await asyncio.sleep(1)


class _Server(uvicorn.Server):
    """Can be told to end while it still waits for Kafka, the database or its migrations."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.started:
            log.info("service.ended_before_start")
            os._exit(0)  # dying is safe at any point; what it waits for may never come
        super().handle_exit(sig, frame)


def run(service: Service) -> None:
    """Runs a service until SIGTERM (exit 0) or until it has to be started anew (exit 1)."""
    settings = service.settings
    patch_closed_connection_write()
    lower_mmap_threshold()
    give_way()
    logging.configure(service=service.name, instance=service.instance, level=settings.log_level)
    app = service.http()
    server = _Server(
        server_config(app, settings, lifespan="on", timeout_graceful_shutdown=int(settings.bus.drain_seconds))
    )
    app.state.server = server
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn drains on a signal and then raises it again, to whoever handled it before: a clean end is an exit 0
        signal.signal(signal_number, lambda *_: None)
    server.run()
    running: Running | None = getattr(app.state, "running", None)
    sys.exit(1 if running is None or running.fatal or not server.started else 0)
