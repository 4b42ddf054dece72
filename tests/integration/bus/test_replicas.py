"""Two processes share the work: they take over from each other, and one that slept too long can do no harm."""

import asyncio
import signal

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
