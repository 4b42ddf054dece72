"""kill -9 at every step of the batch loses nothing and doubles nothing."""

import json
import signal

import pytest

from shared.bus import faults
from shared.contracts import topics
from tests.integration.bus.conftest import Toy

TICKETS = 7
ACTIONS = 60


@pytest.mark.parametrize("point", faults.POINTS)
async def test_a_kill_at_any_step_of_the_batch_loses_and_doubles_nothing(toy: Toy, point: str) -> None:
    """Every action is counted once and said once, in order, although the process died in the middle of it."""
    expected: dict[str, list[str]] = {toy.ticket(number): [] for number in range(TICKETS)}

    async def act(first: int, last: int) -> None:
        for number in range(first, last):
            ticket = toy.ticket(number % TICKETS)
            expected[ticket].append(f"{toy.run}/{number}")
            await toy.act(ticket, f"{toy.run}/{number}")

    await act(0, ACTIONS // 2)
    mortal = toy.start(KEFU_BUS_FAULT=f"{point}@{1 if point == faults.AFTER_CLAIM else 2}", KEFU_BUS_MAX_RECORDS="10")
    await act(ACTIONS // 2, ACTIONS)
    assert mortal.wait(40) == -signal.SIGKILL, "the fault point was never reached"

    toy.start()
    await toy.until_counted(ACTIONS)
    await toy.until_outbox_is_empty()

    assert await toy.counts() == {ticket: len(actions) for ticket, actions in expected.items()}
    for ticket, actions in expected.items():
        assert await toy.order_of(ticket) == actions
    said: dict[str, list[str]] = {ticket: [] for ticket in expected}
    seen: set[bytes] = set()
    for record in await toy.said(topics.TICKET.name):
        headers = dict(record.headers)
        if headers["ce_id"] not in seen:
            seen.add(headers["ce_id"])
            said[record.key.decode()].append(_agent_of(record.value))
    assert said == expected


def _agent_of(value: bytes) -> str:
    agent: str = json.loads(value)["agent_id"]
    return agent
