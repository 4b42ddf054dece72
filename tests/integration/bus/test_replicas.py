"""Two processes share the work: they take over from each other, and one that slept too long can do no harm."""

import asyncio
import signal
import time

from shared.contracts import topics
from tests.integration.bus.conftest import Toy


async def _act(toy: Toy, first: int, last: int, *, pause: float = 0.0) -> None:
    for number in range(first, last):
        await toy.act(toy.ticket(number % 20), f"{toy.run}/{number}")
        await asyncio.sleep(pause)


async def test_a_rebalance_in_mid_flow_loses_and_doubles_nothing(toy: Toy) -> None:
    """A second replica joins while actions flow, and later leaves; each action is counted once and said once."""
    toy.start()
    await _act(toy, 0, 20)
    await toy.until_counted(20)
    flowing = asyncio.create_task(_act(toy, 20, 400, pause=0.01))
    second = toy.start()

    async def both_run() -> bool:
        return toy.log.read_text().count("service.started") == 2

    await toy.until(both_run)
    await asyncio.sleep(1)
    second.send_signal(signal.SIGTERM)
    assert second.wait(25) == 0, "a stopping service drains and exits with 0"
    await flowing
    await toy.until_counted(400)
    await toy.until_outbox_is_empty()
    assert sum((await toy.counts()).values()) == 400
    said = await toy.said(topics.TICKET.name)
    assert len(said) == len({dict(record.headers)["ce_id"] for record in said}) == 400


async def test_a_zombie_cannot_harm(toy: Toy) -> None:
    """A process stopped in mid-batch wakes after another has taken over: its transaction is void and it ends."""
    zombie = toy.start(KEFU_BUS_MAX_RECORDS="5")
    await _act(toy, 0, 20)
    await toy.until_counted(20)
    flowing = asyncio.create_task(_act(toy, 20, 400, pause=0.005))
    await asyncio.sleep(0.3)
    zombie.send_signal(signal.SIGSTOP)
    toy.start()
    await flowing
    await toy.until_counted(400)
    zombie.send_signal(signal.SIGCONT)
    await _act(toy, 400, 500)
    await toy.until_counted(500)
    await toy.until_outbox_is_empty()
    await asyncio.sleep(1)
    assert sum((await toy.counts()).values()) == 500
    said = await toy.said(topics.TICKET.name)
    assert len({dict(record.headers)["ce_id"] for record in said}) == 500


async def test_a_zombie_in_mid_transaction_holds_nobody_up(toy: Toy) -> None:
    """What a stopped process left open is ended by whoever takes over, long before the database would do it."""
    zombie = toy.start(KEFU_INSTANCE="toy-1")
    await _act(toy, 0, 20)
    await toy.until_counted(20)
    async with toy.database.transaction():
        await toy.database.execute("select 1 from routing.tally for update")
        await _act(toy, 20, 40)

        async def waits_for_us() -> bool:
            return bool(await toy.admin.fetchval("select exists (select from pg_locks where not granted)"))

        await toy.until(waits_for_us)
        zombie.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    toy.start(KEFU_INSTANCE="toy-2")
    await toy.until_counted(40)
    assert time.monotonic() - stopped < 10
    assert '"bus.orphans_terminated"' in toy.log.read_text()
    zombie.send_signal(signal.SIGCONT)
    await _act(toy, 40, 60)
    await toy.until_counted(60)
    assert sum((await toy.counts()).values()) == 60


async def test_whoever_starts_in_the_place_of_the_dead_waits_for_no_session(toy: Toy) -> None:
    """A killed process that is started anew under its name works on at once; its session would last a minute."""
    patient = {"KEFU_BUS_SESSION_SECONDS": "60"}
    toy.start(KEFU_INSTANCE="toy-1", **patient)
    first = toy.start(KEFU_INSTANCE="toy-2", **patient)
    await _act(toy, 0, 20)
    await toy.until_counted(20)

    async def both_run() -> bool:
        return toy.log.read_text().count('"bus.claimed"') >= 3

    await toy.until(both_run)
    first.kill()
    first.wait()
    await _act(toy, 20, 60)
    toy.start(KEFU_INSTANCE="toy-2", **patient)
    await toy.until_counted(60, seconds=20)
    assert sum((await toy.counts()).values()) == 60
