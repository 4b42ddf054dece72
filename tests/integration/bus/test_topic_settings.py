"""How long topics keep their records is what the settings say, on a broker that had them otherwise as well."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.bus.topic_configs import alter, differing
from shared.bus.topic_settings import TopicSettings
from shared.bus.topics import create, wanted
from shared.contracts import topics
from shared.contracts.services import DEAD_LETTERS

CONTACT = topics.CONTACT.name
DEAD = DEAD_LETTERS[0]


@pytest.fixture
async def admin(servers: dict[str, str]) -> AsyncIterator[AIOKafkaAdminClient]:
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"], TopicSettings())
    admin = AIOKafkaAdminClient(bootstrap_servers=servers["KAFKA_BOOTSTRAP_SERVERS"])
    await admin.start()
    yield admin
    await admin.close()
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"], TopicSettings())


async def settings_of(admin: AIOKafkaAdminClient, topic: str, *names: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=dict.fromkeys(names))
    (response,) = await admin.describe_configs([resource])
    return {entry[0]: entry[1] for entry in response.resources[0][4]}


async def becomes(admin: AIOKafkaAdminClient, topic: str, **wanted: str) -> dict[str, str]:
    """The settings once they are so: a broker hears of a change from its controller a moment later."""
    names = {name: name.replace("_", ".") for name in wanted}
    async with asyncio.timeout(40):
        while True:
            found = await settings_of(admin, topic, *names.values())
            if all(found[names[name]] == value for name, value in wanted.items()):
                return found
            await asyncio.sleep(0.1)


async def test_topics_are_as_the_settings_say(servers: dict[str, str], admin: AIOKafkaAdminClient) -> None:
    """After the job no topic differs, and a second run has nothing to do."""
    await becomes(admin, DEAD, compression_type="zstd")
    await becomes(admin, CONTACT, message_timestamp_type="LogAppendTime", retention_ms=str(14 * 86_400_000))
    assert await differing(admin, wanted(TopicSettings())) == {}
    assert await create(servers["KAFKA_BOOTSTRAP_SERVERS"], TopicSettings()) == []


async def test_a_changed_setting_reaches_topics_that_exist(servers: dict[str, str], admin: AIOKafkaAdminClient) -> None:
    """The job changes what differs and says so; what an operator set beside our settings stays."""
    assert await alter(admin, {CONTACT: {"retention.ms": "-1", "min.cleanable.dirty.ratio": "0.25"}}) == []
    await becomes(admin, CONTACT, retention_ms="-1")
    said = await create(servers["KAFKA_BOOTSTRAP_SERVERS"], TopicSettings(contact_days=3, dead_letter_days=2))
    assert f"{CONTACT}: retention.ms was -1, is {3 * 86_400_000}" in said
    await becomes(admin, CONTACT, retention_ms=str(3 * 86_400_000), min_cleanable_dirty_ratio="0.25")
    found = await settings_of(admin, CONTACT, "retention.ms", "segment.ms")
    assert int(found["segment.ms"]) * 14 <= int(found["retention.ms"])
    assert {line.split(":")[0] for line in said} >= set(DEAD_LETTERS)


async def test_what_the_broker_refuses_is_said(admin: AIOKafkaAdminClient) -> None:
    """A value it cannot use comes back with its reason."""
    (refused,) = await alter(admin, {CONTACT: {"retention.ms": "a while"}})
    assert CONTACT in refused
