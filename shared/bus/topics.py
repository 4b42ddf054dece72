"""Creates the topics of the contract and those of their dead letters: ``python -m shared.bus.topics``. Idempotent."""

import asyncio
import os
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.bus.connection import connection
from shared.contracts import topics
from shared.settings import addresses_in

_DEAD_LETTER_BYTES = 2 * topics.MAX_RECORD_BYTES
_REPLICAS = "KEFU_TOPIC_REPLICAS"
_TOPIC_EXISTS = 36


class TopicError(Exception):
    """A topic could not be created, or exists with another number of partitions."""


def wanted(replicas: int) -> list[NewTopic]:
    """Every topic. Contacts, tickets, actions and dead letters are kept for ever unless an operator says otherwise."""
    durable = {"min.insync.replicas": str(max(1, replicas - 1)), "retention.ms": "-1"}
    living = [
        NewTopic(
            name=topic.name,
            num_partitions=topics.PARTITIONS,
            replication_factor=replicas,
            topic_configs={
                **durable,
                "max.message.bytes": str(topics.MAX_RECORD_BYTES),
                **({"cleanup.policy": "compact"} if topic.compacted else {}),
            },
        )
        for topic in topics.ALL
    ]
    dead = [
        NewTopic(
            name=name,
            num_partitions=topics.PARTITIONS,
            replication_factor=replicas,
            topic_configs={**durable, "max.message.bytes": str(_DEAD_LETTER_BYTES)},
        )
        for name in topics.DEAD_LETTERS
    ]
    return living + dead


async def create(servers: str, *, replicas: int = 1) -> list[str]:
    """Creates what is missing. Returns the names created; raises TopicError when one does not fit the contract."""
    admin = AIOKafkaAdminClient(**connection(servers))
    await admin.start()
    try:
        response = await admin.create_topics(wanted(replicas))
        created, failed = [], []
        for name, code, *message in response.topic_errors:
            if code == 0:
                created.append(name)
            elif code != _TOPIC_EXISTS:
                failed.append(f"{name}: {message[0] if message else code}")
        if failed:
            raise TopicError("; ".join(failed))
        for description in await admin.describe_topics([topic.name for topic in wanted(replicas)]):
            found = len(description["partitions"])
            if found not in (0, topics.PARTITIONS):
                raise TopicError(
                    f"{description['topic']} has {found} partitions; the contract says {topics.PARTITIONS}"
                )
        return created
    finally:
        await admin.close()


async def main() -> int:
    """Prints a line for each topic created."""
    servers = addresses_in(os.environ.get("KAFKA_BOOTSTRAP_SERVERS", ""))
    if not servers:
        print("usage: KAFKA_BOOTSTRAP_SERVERS=host:port python -m shared.bus.topics", file=sys.stderr)  # noqa: T201
        return 2
    try:
        for name in await create(servers, replicas=int(os.environ.get(_REPLICAS, "1"))):
            print(f"created {name}")  # noqa: T201
    except TopicError as error:
        print(f"topics: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
