"""The broker and the database die in mid-flow and come back: nothing is lost, nothing is doubled."""

import asyncio
import os
import signal

import pytest

from deploy.local.stack import Stack
from shared.contracts import topics
from tests.integration.bus.conftest import Toy

ACTIONS = 300


def kill(stack: Stack, server: str) -> None:
    """kill -9 of a server of this stack; its process manager starts it again."""
    pid_file = stack.layout.run / f"{server}.pid"
    if not pid_file.exists():
        pytest.skip(f"{server} was named by the environment; it is not ours to kill")
    os.kill(int(pid_file.read_text()), signal.SIGKILL)


@pytest.mark.parametrize("server", ["kafka-1", "postgres-1"])
async def test_a_server_killed_in_mid_flow_loses_and_doubles_nothing(
    toy: Toy, server_stack: Stack, server: str
) -> None:
    """Actions flow on while the server is killed; once it is back, each is counted once and said once."""
    process = toy.start()
    await toy.act(toy.ticket(0), f"{toy.run}/0")
    await toy.until_counted(1)

    async def flow() -> None:
        for number in range(1, ACTIONS):
            await toy.act(toy.ticket(number % 5), f"{toy.run}/{number}")
            await asyncio.sleep(0.01)

    flowing = asyncio.create_task(flow())
    await asyncio.sleep(0.5)
    kill(server_stack, server)
    await flowing
    await toy.reconnect()
    await toy.until_counted(ACTIONS)
    await toy.until_outbox_is_empty()

    assert sum((await toy.counts()).values()) == ACTIONS
    said = await toy.said(topics.TICKET.name)
    assert len({dict(record.headers)["ce_id"] for record in said}) == ACTIONS
    assert await toy.said(topics.ACTION.dead_letters("routing")) == []
    assert process.poll() is None, "the service had to end, although it could have waited"
