"""Histories of tickets as members and desks make them, all on one system at the same time."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.stack import Stack
from tests.e2e.histories.player import Player
from tests.e2e.outside import Outside, come_in, go_away

TALES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "histories/tales.yaml").read_text("utf-8"))
AT_ONCE = 8


@pytest.fixture(scope="module")
def played(running_stack: Stack, request: pytest.FixtureRequest) -> dict[str, str | None]:
    """Every tale that is asked for, played: None, or what was wrong with it."""
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    wanted = {params["tale"] for params in asked if "tale" in params}
    environment = {**running_stack.environment(), **running_stack.contract()}
    return asyncio.run(_play([tale for tale in TALES if tale in wanted], environment))


@pytest.mark.parametrize("tale", TALES)
def test_a_history_goes_as_it_should(tale: str, played: dict[str, str | None]) -> None:
    """Each tale ends as its why says."""
    assert played[tale] is None, f"{TALES[tale]['why']}\n{played[tale]}"


async def _play(tales: list[str], environment: dict[str, str]) -> dict[str, str | None]:
    outside = await come_in(environment)
    listening = asyncio.create_task(_listen(outside))
    places = asyncio.Semaphore(AT_ONCE)
    # Agents serve a tier, so tales whose members have the same one take turns.
    turns = {tier: asyncio.Lock() for tale in tales for tier in _tiers(tale)}
    try:
        results = await asyncio.gather(*(_played(tale, outside, places, turns) for tale in tales))
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await go_away(outside)
    return dict(zip(tales, results, strict=True))


async def _played(tale: str, outside: Outside, places: asyncio.Semaphore, turns: dict[str, asyncio.Lock]) -> str | None:
    async with contextlib.AsyncExitStack() as stack:
        for tier in sorted(_tiers(tale)):
            await stack.enter_async_context(turns[tier])
        await stack.enter_async_context(places)
        try:
            await Player(outside, tale).play(TALES[tale]["steps"])
        except AssertionError as error:
            return str(error)
    return None


def _tiers(tale: str) -> set[str]:
    return {step["tier"] for step in TALES[tale]["steps"] if "tier" in step}


async def _listen(outside: Outside) -> None:
    while True:
        await outside.listen(0.05)
