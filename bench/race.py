"""One race: a contestant and a backlog of contacts, from the first published to the last assigned."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.arena import OURS, Arena, Contestant
from bench.baselines.recording import record
from bench.workload import Contact, agents, members, orders
from shared.contracts.services import SERVICES as HOPS

WARM_UP: Final = 200
"""Contacts before the clock starts: caches fill, statements are prepared, connections are opened."""

RUN: Final = "bench"
"""The name of the contacts that are raced with: every contestant gets the same."""


@dataclass(frozen=True, slots=True)
class Result:
    """How long ``contacts`` took, in seconds."""

    contacts: int
    seconds: float

    @property
    def rate(self) -> float:
        """Contacts a second."""
        return self.contacts / self.seconds


async def race(arena: Arena, contestant: Contestant, warm_up: Sequence[Contact], backlog: Sequence[Contact]) -> Result:
    """Empty tables, fresh processes, a warm-up, then the backlog at once."""
    await arena.rest()
    await arena.reset(contestant)
    groups = [contestant.group(hop) for hop in HOPS]
    async with arena.feed(contestant) as feed:
        await arena.run(contestant)
        await feed.contacts(warm_up)
        await feed.until("assigned", len(warm_up))
        await feed.until_idle(groups)
        await asyncio.sleep(0.5)
        await feed.mark()
        began = await feed.contacts(backlog)
        await feed.until("assigned", len(backlog))
        ended = max(one.timestamp for one in feed.said.of("assigned")) / 1000
        await feed.until_idle(groups)
        return Result(len(backlog), ended - began)


async def introduce(arena: Arena) -> None:
    """Tells ours of members, orders and agents; the baselines are given the same rows."""
    with arena.progress.step("Members, orders and agents taken over"):
        await arena.run(OURS)
        async with arena.feed(OURS) as feed:
            await feed.publish([*members(), *orders(), *agents()])
            await feed.until_idle([OURS.group(hop) for hop in HOPS])
        await arena.rest()
        await arena.share_reference_data()


async def rehearse(arena: Arena, contacts: Sequence[Contact]) -> None:
    """Ours handles the contacts once, and what it did is recorded for the bare loop."""
    with arena.progress.step(f"{len(contacts)} contacts handled once and recorded"):
        await arena.rest()
        await arena.reset(OURS)
        async with arena.feed(OURS) as feed:
            await arena.run(OURS)
            await feed.contacts(contacts)
            await feed.until("assigned", len(contacts))
            await feed.until_idle([OURS.group(hop) for hop in HOPS])
            await asyncio.sleep(0.5)
            await feed.read()
            (await record(arena.url(OURS.database), feed.said.records)).save(arena.recording)
        await arena.rest()
