"""What all integration tests share."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.own_database import drop_templates


@pytest.fixture(scope="session", autouse=True)
def _templates() -> Iterator[None]:
    """Servers stay until the run has ended, so they are there when this does."""
    yield
    asyncio.run(drop_templates())
