"""One simulated day, from telling who is there to the report of what it came to."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx
from rich.console import Console

from cli.dead_letters.letter import DeadLetter
from cli.dead_letters.reading import read_letters
from cli.errors import CommandError
from cli.simulation.checks import checks
from cli.simulation.day_screen import DayScreen
from cli.simulation.ledger import Ledger, fold
from cli.simulation.log import ends_of, everything
from cli.simulation.outside import RUN_HEADER, Outside
from cli.simulation.player import Pace, Player
from cli.simulation.scenario import Scenario
from cli.simulation.tables import Report
from cli.simulation.times import DayClock, WallClock

_QUIET_SECONDS: Final = 2.0
_GOING_HOME_SECONDS: Final = 5.0
_SETTLING_SECONDS: Final = 45.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where things are. ``carrier_url`` None: it is not asked what reached the handsets."""

    servers: str
    intake_url: str
    channel_secret: str
    carrier_url: str | None = None


async def play_day(
    console: Console, scenario: Scenario, pace: Pace, around: Surroundings, type_names: dict[str, str]
) -> Report:
    """Plays ``scenario`` and reports. Raises CommandError when the bus or intake does not do its part."""
    begun = time.monotonic()
    run = scenario.run or "demo"
    starts = await ends_of(around.servers)
    outside = Outside(
        servers=around.servers, intake_url=around.intake_url, channel_secret=around.channel_secret, run=run
    )
    async with outside:
        player = Player(scenario, outside, around.servers, pace)
        await player.prepare()
        clock = WallClock() if pace.is_real else DayClock(time.time(), pace.minute)
        try:
            screen = DayScreen(player.played, clock, scenario.agents, len(scenario.matters))
            async with screen.shown_on(console):
                await player.play(starts)
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(player.go_home(), _GOING_HOME_SECONDS)
    played = player.played
    deadline = time.monotonic() + _SETTLING_SECONDS
    while True:
        seen = await everything(around.servers, starts)
        ledger = fold(seen, played.sent, await _letters(around.servers, run), await _handsets(around.carrier_url))
        found = checks(ledger, played, len(scenario.matters))
        # Some refusals take their time: routing waits half a minute for a ticket that it does not know.
        if (is_settled(ledger, time.time()) and all(check.holds for check in found)) or time.monotonic() > deadline:
            break
        await asyncio.sleep(1.0)
    return Report(
        ledger=ledger,
        clock=clock,
        agents=scenario.agents,
        checks=found,
        type_names=type_names,
        seconds=time.monotonic() - begun,
    )


def is_settled(ledger: Ledger, now: float) -> bool:
    """Whether every notice has come to an end, and nothing was said for a moment."""
    last = max((notice.steps[-1][0] for notice in ledger.notices.values()), default=0.0)
    under_way = {"planned", "accepted", "in_doubt"}
    ended = all(notice.outcome not in under_way for notice in ledger.notices.values())
    return ended and now - last > _QUIET_SECONDS


async def _letters(servers: str, run: str) -> Sequence[DeadLetter]:
    mine = (RUN_HEADER, run.encode())
    return await read_letters(servers, lambda letter: mine in letter.headers)


async def _handsets(carrier_url: str | None) -> dict[str, int] | None:
    if carrier_url is None:
        return None
    try:
        async with httpx.AsyncClient(timeout=10.0, trust_env=False) as http:
            answer = await http.get(f"{carrier_url}/v1/handset")
            counts: dict[str, int] = answer.raise_for_status().json()["counts"]
    except httpx.HTTPError as error:
        raise CommandError(
            f"the carrier at {carrier_url} does not answer: {error}",
            hint="Look at `make status`, or unset KEFU_CARRIER_URL to leave out what reached the handsets.",
        ) from None
    return counts
