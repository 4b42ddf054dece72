"""A task that is meant to run is missed when it ends."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared.tasks import call_off, keep


async def _fails() -> None:
    raise ZeroDivisionError("a bug")


async def _returns() -> None: ...


async def _is_cancelled() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("work", "told"), [(_fails, "has died: ZeroDivisionError"), (_returns, "returned"), (_is_cancelled, "cancelled")]
)
async def test_the_end_of_a_task_is_told(work: Callable[[], Awaitable[None]], told: str) -> None:
    """However it ends, somebody hears which it was and how."""
    heard: list[str] = []
    keep(work(), "the loop", heard.append)  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    (reason,) = heard
    assert reason.startswith("the loop ")
    assert told in reason


async def test_an_end_that_is_meant_is_not_told() -> None:
    """Who calls it off knows."""
    heard: list[str] = []
    await call_off(keep(asyncio.sleep(60), "the loop", heard.append))
    await asyncio.sleep(0.01)
    assert heard == []
