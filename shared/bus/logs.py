"""Asking the brokers what lies under the names of partitions now."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.protocol.admin import DescribeConfigsRequest

from shared.bus.places import Log
from shared.bus.topic_ids import NamedTopic, topics_named

KAFKAS_DEFAULT_SECONDS: Final = 24 * 60 * 60.0
"""For so long a compacted topic keeps a tombstone unless somebody says otherwise."""

_TOPIC: Final = 2
_TOMBSTONES_LIVE: Final = "delete.retention.ms"


async def logs_of(
    consumer: AIOKafkaConsumer, places: Collection[TopicPartition], named: dict[str, NamedTopic] | None = None
) -> dict[TopicPartition, Log]:
    """The logs of these partitions. Raises KafkaError when one does not exist, or nobody can tell now."""
    ordered = sorted(places)
    if named is None:
        named = await topics_named(consumer._client, {place.topic for place in ordered})
    if lacking := {place.topic for place in ordered} - named.keys():
        raise UnknownTopicOrPartitionError(f"there is no topic {', '.join(sorted(lacking))}")
    starts, ends = await consumer.beginning_offsets(ordered), await consumer.end_offsets(ordered)
    return {place: Log(named[place.topic].id, starts[place], ends[place]) for place in ordered}


async def tombstones_live(client: AIOKafkaClient, topics: Iterable[str]) -> dict[str, float]:
    """For how many seconds these topics keep tombstones; Kafka's default where we may not ask."""
    wanted = sorted(topics)
    if not wanted:
        return {}
    question = DescribeConfigsRequest([(_TOPIC, name, [_TOMBSTONES_LIVE]) for name in wanted])
    response: Any = await client.send(client.get_random_node(), question)
    found = dict.fromkeys(wanted, KAFKAS_DEFAULT_SECONDS)
    for code, _, _, name, entries in response.resources:
        for entry in entries if not code else ():
            if entry[0] == _TOMBSTONES_LIVE and entry[1] is not None:
                found[name] = int(entry[1]) / 1000
    return found
