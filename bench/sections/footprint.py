"""What the processes take: memory after work, and CPU when there is nothing to do."""

import asyncio
from typing import Final

import psutil

from bench.arena import OURS, Arena
from bench.figures import short
from bench.plan import Plan
from bench.race import RUN, WARM_UP
from bench.table import Block, Goal
from bench.workload import contacts
from shared.contracts.services import SERVICES as HOPS

MOST_MEGABYTES: Final = 120.0
_MEGABYTE: Final = 1024 * 1024


async def measure(arena: Arena, plan: Plan) -> Block:
    """A backlog is worked off; then the memory is read, and a while of rest is timed."""
    with arena.progress.step("Memory after work, CPU at rest"):
        await arena.rest()
        await arena.reset(OURS)
        async with arena.feed(OURS) as feed:
            await arena.run(OURS)
            backlog = contacts(RUN, WARM_UP + plan.backlog)
            await feed.contacts(backlog)
            await feed.until("assigned", len(backlog))
            await feed.until_idle([OURS.group(hop) for hop in HOPS])
        memory = {name: psutil.Process(pid).memory_full_info() for name, pid in arena.pids().items()}
        await asyncio.sleep(2)
        before = arena.usage()
        await asyncio.sleep(plan.idle_seconds)
        idle = arena.usage().since(before).cpu_seconds
    shown = [f"{hop}-1" for hop in HOPS]
    rows = tuple(
        (
            name,
            f"{memory[name].rss / _MEGABYTE:.0f}",
            f"{getattr(memory[name], 'pss', memory[name].rss) / _MEGABYTE:.0f}",
            f"{memory[name].uss / _MEGABYTE:.0f}",
            f"{100 * idle[name] / plan.idle_seconds:.1f} %",
        )
        for name in (*shown, "carrier-1", "kafka-1", "postgres-1")
    )
    largest = max(memory[name].rss for name in shown) / _MEGABYTE
    return Block(
        "Memory and rest",
        ("", "RSS MB", "PSS MB", "USS MB", "CPU at rest, of a core"),
        rows,
        {
            name: {"rss_bytes": memory[name].rss, "idle_cpu_share": idle[name] / plan.idle_seconds}
            for name in (*shown, "kafka-1", "postgres-1")
        },
        (
            Goal(
                "memory of a service, the largest RSS",
                f"{short(largest)} MB",
                f"≤ {MOST_MEGABYTES:g} MB",
                largest <= MOST_MEGABYTES,
            ),
        ),
        f"After {plan.backlog:,} contacts as fast as they go; rest over {plan.idle_seconds:g} s. PostgreSQL's memory "
        f"is that of its first process alone, its CPU that of all.",
    )
