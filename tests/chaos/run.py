"""One run from its start to its end."""

import asyncio
import contextlib
import math
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos import invariants
from tests.chaos.crew import Crew
from tests.chaos.fault import Step
from tests.chaos.faults import BY_NAME
from tests.chaos.gathering import gather, lags, offered, outboxes, queued
from tests.chaos.house import House
from tests.chaos.invariants.verdict import Verdict
from tests.chaos.sender import Sender
from tests.chaos.standstill import Standstill, Struck, journeys, standstills
from tests.chaos.watch import Watch
from tests.chaos.world import World

WARM_UP_SECONDS: Final = 5.0
CALM_SECONDS: Final = 4.0
STRIKE_SECONDS: Final = 120.0
RECOVERY_SECONDS: Final = 60.0
REST_SECONDS: Final = 120.0
QUIET_SECONDS: Final = 1.0
"""On top of what is usually waited: enough for a contact that is held up to be seen waiting longer than that."""

KNOWN: Final = "select (select count(*) from {0}.member) as members"
AGENTS: Final = "select count(*) as agents from routing.agent"


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    contacts: int
    seconds: float
    verdicts: list[Verdict] = field(default_factory=list)
    standstills: list[Standstill] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether no invariant is broken."""
        return all(verdict.holds for verdict in self.verdicts)


def run(
    root: Path, seed: int, steps: Sequence[Step], *, contacts: int, rate: float, minutes: float = math.inf
) -> Outcome:
    """Starts everything below ``root``, strikes step by step while at least ``contacts`` flow, and judges the log.

    After so many ``minutes`` of striking it goes no further and is judged as it stands.
    SIGINT and SIGTERM end it with KeyboardInterrupt. However it ends, nothing is left running.
    """
    house = House(root)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _say("starting the servers, the carrier and two processes of every service, their clocks wrong by minutes")
        house.up()
        return asyncio.run(_strike_all(house, World(seed, contacts), steps, contacts, rate, minutes * 60))
    finally:
        # whoever is impatient now would leave processes behind
        impatient = signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        house.down()
        signal.signal(signal.SIGINT, impatient)
        signal.signal(signal.SIGTERM, before)


async def _strike_all(
    house: House, world: World, steps: Sequence[Step], contacts: int, rate: float, seconds: float
) -> Outcome:
    """An interrupt is a cancellation in here, so that what is open is closed in order."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await house.set_topics(None, {})
        async with Sender(house.servers) as sender:
            house.sender = sender
            return await _flow(house, world, steps, contacts, rate, seconds)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _flow(
    house: House, world: World, steps: Sequence[Step], contacts: int, rate: float, seconds: float
) -> Outcome:
    started = time.time()
    watch = Watch(house.servers, lambda verb, value: crew.hear(verb, value))
    crew = Crew(world, house.sender, watch.waiting)
    await crew.introduce()
    await _introduced(house, world)
    watching = asyncio.create_task(watch.run())
    writing = asyncio.create_task(crew.write(rate))
    complaints: dict[str, str] = {}
    try:
        await asyncio.sleep(WARM_UP_SECONDS)
        await _recovery(house, watch)
        await watch.learn(CALM_SECONDS)
        struck = []
        for step in steps:
            if time.time() - started > seconds:
                break
            struck.append(await _strike(house, step, watch, complaints))
            if watching.done() or writing.done():
                await asyncio.gather(watching, writing)
        while len(crew.sent.contacts) < contacts and time.time() - started < seconds:  # noqa: ASYNC110 - they come one by one
            await asyncio.sleep(0.2)
        crew.stopping.set()
        _say(f"{len(crew.sent.contacts):,} contacts sent, {len(struck)} faults; waiting for the rest")
        await writing
        complaints |= await _rest(house, crew)
        watching.cancel()
        _say("reading the log")
        evidence = await gather(house, world, crew.sent, complaints)
    finally:
        watching.cancel()
        writing.cancel()
        await crew.close()
        await asyncio.gather(watching, writing, return_exceptions=True)
    verdicts = [judge(evidence) for judge in invariants.ALL]
    ways = journeys(evidence.contacts, evidence.told, evidence.notices)
    return Outcome(len(evidence.contacts), time.time() - started, verdicts, standstills(ways, struck))


async def _introduced(house: House, world: World) -> None:
    """Until every service knows the members and routing the agents: a contact of a stranger is another story."""
    for _ in range(600):
        counts = [(await house.fetch(KNOWN.format(service)))[0]["members"] for service in ("intake", "notify")]
        agents = (await house.fetch(AGENTS))[0]["agents"]
        if min(counts) >= len(world.members) and agents >= len(world.agents):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"members known: {counts}, agents: {agents}")


async def _strike(house: House, step: Step, watch: Watch, complaints: dict[str, str]) -> Struck:
    await asyncio.sleep(step.calm)
    began = time.time()
    try:
        async with asyncio.timeout(STRIKE_SECONDS):
            await BY_NAME[step.kind]().strike(house, step)
    except TimeoutError:
        complaints[str(step)] = f"the fault itself did not end within {STRIKE_SECONDS:.0f} s"
    over = time.time()
    recovery = await _recovery(house, watch)
    if not recovery.over:
        complaints[str(step)] = f"not recovered after {RECOVERY_SECONDS:.0f} s: {recovery.held_up_by}"
    _say(f"{step}  (struck {over - began:.1f} s, then {time.time() - over:.1f} s{recovery})")
    return Struck(step, began, recovery.flowing_since or time.time())


@dataclass(slots=True)
class _Recovery:
    """Whether everything flows again, since when (seconds since 1970), and what was missing last."""

    over: bool = False
    flowing_since: float | None = None
    held_up_by: str = ""

    def __str__(self) -> str:
        return f", until {self.held_up_by}" if self.held_up_by else ""


async def _recovery(house: House, watch: Watch) -> _Recovery:
    """Waits until everything flows and everybody is ready."""
    end = time.monotonic() + RECOVERY_SECONDS
    found = _Recovery()
    while time.monotonic() < end:
        waited, stage = watch.waiting.oldest(time.time())
        if waited > watch.usual:
            found.flowing_since = None
            found.held_up_by = f"a contact was {stage} that had waited {waited:.1f} s"
        elif found.flowing_since is None:
            found.flowing_since = time.time()
        elif time.time() - found.flowing_since > watch.usual + QUIET_SECONDS:
            if not (missing := await house.until_ready(seconds=0.2)):
                found.over = True
                return found
            found.held_up_by = f"{', '.join(missing)} was ready"
        await asyncio.sleep(0.05)
    return found


async def _rest(house: House, crew: Crew) -> dict[str, str]:
    """Waits until nobody intends anything and nothing is left; returns who is not ready then."""
    end = time.monotonic() + REST_SECONDS
    resting = 0
    while time.monotonic() < end and resting < 3:
        left = sum((await outboxes(house)).values()) + sum((await lags(house)).values())
        left += await queued(house) + await offered(house)
        resting = resting + 1 if crew.idle() and left == 0 else 0
        await asyncio.sleep(0.5)
    return dict.fromkeys(await house.until_ready(seconds=20), "not ready at the end")


def _say(what: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
