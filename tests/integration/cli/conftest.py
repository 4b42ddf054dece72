"""A broker with our topics, the command and a producer."""

from collections.abc import AsyncIterator

import pytest

from shared.bus.publisher import KafkaPublisher
from shared.bus.topics import create
from tests.integration.cli.kefu import Command


@pytest.fixture
async def kefu(servers: dict[str, str]) -> Command:
    """The command, on a broker that has the topics."""
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
    return Command(servers["KAFKA_BOOTSTRAP_SERVERS"])


@pytest.fixture
async def publisher(servers: dict[str, str]) -> AsyncIterator[KafkaPublisher]:
    """Puts records on the broker as a service does."""
    publisher = KafkaPublisher(servers["KAFKA_BOOTSTRAP_SERVERS"], client_id="test")
    yield publisher
    await publisher.close()
