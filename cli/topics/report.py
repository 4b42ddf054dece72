"""What the contract says of each topic against what the broker has: sizes, contents, and how far each group is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError

from cli.kafka_log import admin_client, kafka_answers, log_tail
from shared.bus.tail import Tail
from shared.bus.topic_configs import differing
from shared.bus.topic_settings import TopicSettings
from shared.bus.topics import wanted
from shared.contracts.services import GROUPS


@dataclass(slots=True)
class TopicReport:
    """One topic of the contract. ``lag`` by consumer group: records it has not processed, None when it never read.

    ``differences`` says what is not as the contract has it; a missing topic has no partitions. ``unreadable`` are the
    partitions that are halted because what lies there cannot be read, by group, with the offset and the reason.
    """

    name: str
    partitions: int = 0
    end_offsets: int = 0
    retained: int = 0
    lag: dict[str, int | None] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


async def report_topics(servers: str) -> list[TopicReport]:
    """A report for every topic of the contract, the living ones first.

    Lag is what the groups last told Kafka, which they do every second; the truth is in each service's database.
    """
    expected = wanted(TopicSettings())
    async with kafka_answers(servers), admin_client(servers) as admin, log_tail(servers) as tail:
        described = await admin.describe_topics([topic.name for topic in expected])
        present = {one["topic"]: one for one in described if one["error_code"] == 0}
        other = await differing(admin, [topic for topic in expected if topic.name in present])
        committed = {group: await committed_by(admin, group) for group in GROUPS}
        return [
            await _report(topic, present.get(topic.name), other.get(topic.name, {}), committed, tail)
            for topic in expected
        ]


async def _report(
    expected: NewTopic,
    found: Mapping[str, Any] | None,
    other: Mapping[str, str],
    committed: Mapping[str, Mapping[TopicPartition, Any]],
    tail: Tail,
) -> TopicReport:
    report = TopicReport(expected.name)
    if found is None:
        report.differences.append("missing")
        return report
    places = [TopicPartition(expected.name, one["partition"]) for one in found["partitions"]]
    begins, ends = await tail.begins(places), await tail.ends(places)
    report.partitions, report.end_offsets = len(places), sum(ends.values())
    report.retained = report.end_offsets - sum(begins.values())
    for group, offsets in committed.items():
        if any(topic.name == expected.name for topic in GROUPS[group]):
            known = [place for place in places if place in offsets and offsets[place].offset >= 0]
            unread = sum(ends[place] - max(offsets[place].offset, begins[place]) for place in known)
            never = sum(ends[place] - begins[place] for place in places if place not in known)
            report.lag[group] = unread + never if known else None
            report.unreadable += [
                f"{group} [{place.partition}] {offsets[place].metadata}" for place in known if offsets[place].metadata
            ]
    if report.partitions != expected.num_partitions:
        report.differences.append(f"{report.partitions} partitions instead of {expected.num_partitions}")
    report.differences += [f"{name} is {it} instead of {expected.topic_configs[name]}" for name, it in other.items()]
    return report


async def committed_by(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, Any]:
    """What a group last told Kafka of each partition: how far it is, and as metadata why it is halted, if it is."""
    try:
        offsets: Mapping[TopicPartition, Any] = await admin.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:  # a broker on which no group has ever been
        return {}
    return offsets
