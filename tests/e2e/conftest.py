"""The whole system, started as `make up` does it, and an outsider for every test."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from tests.e2e.outside import Outside, come_in, go_away


@pytest.fixture
async def outside(running_stack: Stack) -> AsyncIterator[Outside]:
    """An outsider who hears everything that is said from now on."""
    made = await come_in({**running_stack.environment(), **running_stack.contract()})
    yield made
    await go_away(made)
