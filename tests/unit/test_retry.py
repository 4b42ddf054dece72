"""Trying again: what is, how often, and when it ends."""

import asyncio

import pytest

from shared.retry import Backoff, backoff_seconds, retry

SOON = 0.001


class Flaky:
    """Fails so many times before it succeeds."""

    def __init__(self, failures: float, error: BaseException) -> None:
        self.tries = 0
        self._failures = failures
        self._error = error

    async def __call__(self) -> str:
        self.tries += 1
        if self.tries <= self._failures:
            raise self._error
        return "done"


async def test_what_passes_is_waited_out() -> None:
    """A transient failure is tried again until it succeeds, and each one is told to whoever wants to know."""
    work = Flaky(3, ConnectionError("away"))
    seen: list[Exception] = []

    async def note(error: Exception) -> None:
        seen.append(error)

    assert await retry(work, "test.waiting", Backoff(first=SOON), on_failure=note) == "done"
    assert (work.tries, len(seen)) == (4, 3)


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyError("a bug"), asyncio.CancelledError()])
async def test_what_does_not_pass_is_tried_once(error: BaseException) -> None:
    """A bug, or being called off, ends it at once."""
    work = Flaky(3, error)
    with pytest.raises(type(error)):
        await retry(work, "test.waiting", Backoff(first=SOON))
    assert work.tries == 1


async def test_the_last_error_is_raised_when_the_time_is_up() -> None:
    """It lasts from the first failure on; what is still failing then is the caller's."""
    work = Flaky(float("inf"), ConnectionError("away"))
    with pytest.raises(ConnectionError):
        await retry(work, "test.waiting", Backoff(first=SOON, most=SOON, seconds=0.05))
    assert work.tries > 1


async def test_a_stop_ends_the_wait_and_the_tries() -> None:
    """Who drains does not sit out a wait of an hour; the work has one try more."""
    stop = asyncio.Event()
    work = Flaky(float("inf"), ConnectionError("away"))
    asyncio.get_running_loop().call_later(0.05, stop.set)
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(retry(work, "test.waiting", Backoff(first=3600, most=3600, stop=stop)), 10)
    assert work.tries <= 2


async def test_a_stop_that_came_before_allows_one_try() -> None:
    """Where nothing shall be tried again the first try still is."""
    stop = asyncio.Event()
    stop.set()
    assert await retry(Flaky(0, ValueError()), "test.waiting", Backoff(stop=stop)) == "done"
    work = Flaky(1, ConnectionError("away"))
    with pytest.raises(ConnectionError):
        await retry(work, "test.waiting", Backoff(first=3600, stop=stop))
    assert work.tries == 1


async def test_waits_double_and_are_uneven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wait is between half of its measure and all of it, and not the same for two who began together."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    for backoff in (Backoff(), Backoff()):
        for _ in range(10):
            await backoff.wait()
    measures = [backoff_seconds(attempt) for attempt in range(10)]
    assert (measures[:3], measures[-1]) == ([0.05, 0.1, 0.2], 2.0)
    assert all(measure / 2 <= each <= measure for each, measure in zip(waited, measures * 2, strict=True))
    assert waited[:10] != waited[10:]


async def test_success_begins_anew() -> None:
    """After something went well the next failure is waited for shortly again, and the time counts from there."""
    backoff = Backoff(first=SOON, most=3600.0, seconds=0.0)
    await backoff.wait()
    assert backoff.is_over
    backoff.renew()
    assert not backoff.is_over
    await asyncio.wait_for(backoff.wait(), 10)
    assert backoff.is_over
