"""The topics of the contract and those of their dead letters, created and kept as the settings say. Idempotent.

``python -m shared.bus.topics`` before services start, and after a change of a ``KEFU_TOPIC_`` setting.
"""

import asyncio
import os
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.bus.connection import connection
from shared.bus.topic_configs import alter, differing
from shared.bus.topic_settings import TopicSettings
from shared.contracts import topics
from shared.contracts.services import DEAD_LETTERS
from shared.settings import addresses_in

_DEAD_LETTER_BYTES = 2 * topics.MAX_RECORD_BYTES
_TOPIC_EXISTS = 36


class TopicError(Exception):
    """A topic could not be created, or exists with too few partitions."""


def wanted(settings: TopicSettings | None = None) -> list[NewTopic]:
    """Every topic, living and of dead letters, as ``settings`` have it; without any, as the defaults have it."""
    settings = settings or TopicSettings.model_construct()
    durable = {"min.insync.replicas": str(max(1, settings.replicas - 1))}
    living = [
        _topic(settings, topic.name, {**durable, **settings.config_of(topic)}, topics.MAX_RECORD_BYTES)
        for topic in topics.ALL
    ]
    dead = [
        _topic(settings, name, {**durable, **settings.config_of_dead_letters()}, _DEAD_LETTER_BYTES)
        for name in DEAD_LETTERS
    ]
    return living + dead


def _topic(settings: TopicSettings, name: str, configs: dict[str, str], most_bytes: int) -> NewTopic:
    return NewTopic(
        name=name,
        num_partitions=topics.PARTITIONS,
        replication_factor=settings.replicas,
        topic_configs={**configs, "max.message.bytes": str(most_bytes)},
    )


async def create(servers: str, settings: TopicSettings | None = None) -> list[str]:
    """Creates what is missing and brings the settings of the others up to date; what others set stays.

    Returns a line for each change made, and for each topic to which somebody added partitions: nobody can take them
    away again, and services live with them. Raises TopicError when a topic has too few.
    """
    expected = wanted(settings)
    admin = AIOKafkaAdminClient(**connection(servers))
    await admin.start()
    try:
        response = await admin.create_topics(expected)
        created, failed = [], []
        for name, code, *message in response.topic_errors:
            if code == 0:
                created.append(name)
            elif code != _TOPIC_EXISTS:
                failed.append(f"{name}: {message[0] if message else code}")
        if failed:
            raise TopicError("; ".join(failed))
        more = await _more_partitions(admin, expected)
        changed = await _update(admin, [topic for topic in expected if topic.name not in created])
        return [f"created {name}" for name in created] + changed + more
    finally:
        await admin.close()


async def _more_partitions(admin: AIOKafkaAdminClient, expected: list[NewTopic]) -> list[str]:
    more = []
    for description in await admin.describe_topics([topic.name for topic in expected]):
        found = len(description["partitions"])
        told = f"{description['topic']} has {found} partitions; the contract says {topics.PARTITIONS}"
        if 0 < found < topics.PARTITIONS:
            raise TopicError(told)
        if found > topics.PARTITIONS:
            more.append(told)
    return more


async def _update(admin: AIOKafkaAdminClient, existing: list[NewTopic]) -> list[str]:
    should = {topic.name: topic.topic_configs for topic in existing}
    was = await differing(admin, existing)
    changes = {topic: {name: should[topic][name] for name in names} for topic, names in was.items()}
    if refused := await alter(admin, changes):
        raise TopicError("; ".join(refused))
    return [
        f"{topic}: {name} was {was[topic][name]}, is {value}"
        for topic, settings in changes.items()
        for name, value in settings.items()
    ]


async def main() -> int:
    """Prints a line for each topic created and each setting changed."""
    servers = addresses_in(os.environ.get("KAFKA_BOOTSTRAP_SERVERS", ""))
    if not servers:
        print("usage: KAFKA_BOOTSTRAP_SERVERS=host:port python -m shared.bus.topics", file=sys.stderr)  # noqa: T201
        return 2
    try:
        for change in await create(servers, TopicSettings()):
            print(change)  # noqa: T201
    except TopicError as error:
        print(f"topics: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
