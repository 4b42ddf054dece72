"""No host needs a right clock: records are stamped by the broker, and what counts is the time of the database."""

import json

import pytest

from shared.contracts import topics
from tests.integration.bus.conftest import TYPE, Toy

HOUR_AND_A_MINUTE = 61 * 60


@pytest.mark.parametrize("off", [HOUR_AND_A_MINUTE, -HOUR_AND_A_MINUTE, 400 * 24 * 3600, -400 * 24 * 3600])
async def test_a_service_on_a_host_whose_clock_is_wrong(toy: Toy, off: int) -> None:
    """However far its host's clock is ahead or behind: it hears, it speaks, and its events have the broker's time."""
    await toy.act(toy.ticket(1), f"{toy.run}/1")
    toy.start_with_the_clock_off(off)
    await toy.act(toy.ticket(2), f"{toy.run}/2")
    await toy.until_counted(2)
    await toy.until_outbox_is_empty()
    (first,) = await toy.said(topics.TICKET.name, of=toy.ticket(1))
    sent = await toy.producer.send_and_wait(topics.ACTION.name, b"{}", toy.ticket(1).encode())
    assert abs(first.timestamp - sent.timestamp) < 120_000


async def test_others_whose_clock_is_wrong(toy: Toy) -> None:
    """A contact or an action by a client that lives in another year is taken like any other."""
    toy.start()
    for number, stamp in enumerate((0, 4_102_444_800_000)):  # 1970 and 2100
        by = {"kind": "agent", "id": "a"}
        action = {"action_id": f"{toy.run}/{number}", "ticket_id": toy.ticket(number), "kind": "accept", "actor": by}
        value = json.dumps(action).encode()
        await toy.producer.send_and_wait(
            topics.ACTION.name, value, toy.ticket(number).encode(), headers=[TYPE], timestamp_ms=stamp
        )
    await toy.until_counted(2)
