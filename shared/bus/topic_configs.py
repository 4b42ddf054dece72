"""Bringing the settings of existing topics to what ours say, one by one: what an operator set beside them stays.

aiokafka knows only the request that replaces all settings of a topic, so the incremental one (KIP-339) stands here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

_TOPIC: Final = 2
_SET: Final = 0


class _AlteredV0(Response):  # type: ignore[misc]  # aiokafka is not typed
    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class _AlterV0(RequestStruct):  # type: ignore[misc]  # aiokafka is not typed
    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = _AlteredV0
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(("name", String("utf-8")), ("config_operation", Int8), ("value", String("utf-8"))),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class _Alter(Request[_AlterV0]):  # type: ignore[misc]  # aiokafka is not typed
    API_KEY = 44

    def __init__(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        self._resources = [
            (_TOPIC, topic, [(name, _SET, value) for name, value in settings.items()])
            for topic, settings in changes.items()
        ]

    def build(self, request_struct_class: type[_AlterV0]) -> _AlterV0:
        return request_struct_class(self._resources, False)


async def differing(admin: AIOKafkaAdminClient, wanted: Sequence[NewTopic]) -> dict[str, dict[str, str]]:
    """The settings of these topics that are not what they should be: topic -> name -> what the broker has."""
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=dict.fromkeys(topic.topic_configs))
        for topic in wanted
    ]
    should = {topic.name: topic.topic_configs for topic in wanted}
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for code, _, _, name, entries in response.resources:
            if code == 0:
                other = {entry[0]: entry[1] for entry in entries if entry[1] != should[name].get(entry[0])}
                found |= {name: other} if other else {}
    return found


async def alter(admin: AIOKafkaAdminClient, changes: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Sets these settings. Returns what the broker refused, each with its reason."""
    if not changes:
        return []
    response: Any = await admin._send_to_controller(_Alter(changes))
    return [f"{name}: {message or code}" for code, message, _, name in response.responses if code]


async def settings_of_topics(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """How long these topics keep their records, of those that exist: topic -> setting -> value."""
    asked = dict.fromkeys(("cleanup.policy", "retention.ms", "segment.ms", "max.compaction.lag.ms"))
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, configs=asked) for name in names]
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for response in await admin.describe_configs(resources)
        for code, _, _, name, entries in response.resources
        if code == 0
    }
