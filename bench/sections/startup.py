"""How long it takes until a process is ready, and until the whole stack is, with the data of the run in it."""

import asyncio
import os
import subprocess
import time
from typing import Final

from bench.arena import OURS, Arena
from bench.figures import Spread
from bench.plan import Plan
from bench.table import Block
from deploy.local.layout import CHECKOUT
from deploy.local.ports import HOST
from deploy.local.services import CARRIER, Service
from deploy.local.waiting import is_ready

POLL_SECONDS: Final = 0.02
LONGEST_SECONDS: Final = 60.0


async def measure(arena: Arena, plan: Plan) -> Block:
    """Each service alone, then everything from nothing running to ready."""
    await arena.rest()
    seconds: dict[str, list[float]] = {}
    for service in (*OURS.services, CARRIER):
        with arena.progress.step(f"Start of {service.name}"):
            seconds[service.name] = [await asyncio.to_thread(_start, arena, service) for _ in range(plan.starts)]
    with arena.progress.step("Start of the whole stack"):
        seconds["everything, as `make up`"] = [await arena.start_all()]
    return Block(
        "Start",
        ("", "seconds until /readyz answers 200"),
        tuple((name, str(Spread.of(found))) for name, found in seconds.items()),
        seconds,
        note="Of a process: from its start to its first 200, alone on the machine. Of everything: Kafka, PostgreSQL, "
        "migrations, topics and all processes, with the data of this run.",
    )


def _start(arena: Arena, service: Service) -> float:
    port = arena.port(f"{service.name}-1")
    others = {f"KEFU_{name.upper()}_URL": f"http://{HOST}:{arena.port(f'{name}-1')}" for name in ("carrier", "notify")}
    own = {"KEFU_HTTP_PORT": str(port), "KEFU_INSTANCE": service.name}
    environment = {**os.environ, **others, **arena.environment(), **own}
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - a service of ours
        service.command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not is_ready(port):
            if process.poll() is not None or time.monotonic() - began > LONGEST_SECONDS:
                raise RuntimeError(f"{service.name} did not become ready; try `make up` and read its log")
            time.sleep(POLL_SECONDS)
        return time.monotonic() - began
    finally:
        process.terminate()
        process.wait()
