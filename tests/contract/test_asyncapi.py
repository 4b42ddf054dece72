"""The AsyncAPI documents are well formed and say what the services do.

The structure is checked here by the rules of AsyncAPI 3.0.0 that matter to a reader. The official meta-schema
(npm `@asyncapi/specs`) is not part of the test because it would need the network.
"""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from shared.bus.dead_letters import DLQ_HEADERS
from shared.contract_docs.asyncapi import document
from shared.contract_docs.generate import ASYNCAPI
from shared.contracts.envelope import encode
from shared.contracts.registry import EVENT_TYPES
from shared.contracts.services import DEAD_LETTERS, GROUPS
from shared.contracts.topics import PARTITIONS
from tests.contract.examples import full_event

Json = dict[str, Any]

every_service = pytest.mark.parametrize("service", sorted(GROUPS))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def resolve(root: Json, reference: str) -> Any:
    found: Any = root
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        found = found[step]
    return found


@every_service
def test_a_document_has_the_parts_of_asyncapi_3(service: str) -> None:
    """Each document has version, info, servers, channels with an address, and operations on these channels."""
    root = json.loads((ASYNCAPI / f"{service}.json").read_text(encoding="utf-8"))

    assert root["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= root["info"].keys()
    assert all({"host", "protocol"} <= server.keys() for server in root["servers"].values())
    assert all({"address", "title", "description", "messages"} <= one.keys() for one in root["channels"].values())
    for operation in root["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = operation["channel"]["$ref"]
        assert operation["messages"], "an operation without messages says nothing"
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


@every_service
def test_every_reference_leads_somewhere(service: str) -> None:
    """No reference of a document is dangling."""
    root = document(service)
    assert [resolve(root, reference) for reference in references(root)]


@every_service
def test_bindings_say_group_partitions_key_and_policy(service: str) -> None:
    """Kafka bindings name the consumer group, the partitions, the clean-up policy and the key of each message."""
    root = document(service)
    groups = [one["bindings"]["kafka"]["groupId"]["enum"] for one in root["operations"].values() if "bindings" in one]
    topics = {name: channel["bindings"]["kafka"] for name, channel in root["channels"].items()}

    assert groups == [[service]] * len(GROUPS[service])
    assert {one["partitions"] for one in topics.values()} == {PARTITIONS}
    assert all(name == one["topic"] for name, one in topics.items())
    assert all(
        (one["topicConfiguration"]["cleanup.policy"] == ["compact"])
        == (name in {"support.member.v1", "support.order.v1", "support.agent.v1"})
        for name, one in topics.items()
    )
    assert all(
        message["bindings"]["kafka"]["key"]["description"] for message in root["components"]["messages"].values()
    )


@every_service
def test_messages_describe_their_headers(service: str) -> None:
    """A message tells its CloudEvents headers and its exact type; a dead letter tells its `dlq_*` headers."""
    messages = document(service)["components"]["messages"]
    letter = messages.pop("dead-letter")

    assert letter["headers"]["required"] == list(DLQ_HEADERS)
    for name, message in messages.items():
        headers = message["headers"]["properties"]
        assert headers["ce_type"]["const"] == name
        assert {"ce_id", "ce_source", "ce_time", "ce_subject", "ce_sequence", "content-type", "traceparent"} <= (
            headers.keys()
        )


def test_together_the_services_write_every_event_once() -> None:
    """Each event type of ours is sent by exactly one service, and each dead-letter topic by its group."""
    sent = [
        message["$ref"].rsplit("/", 1)[1]
        for service in GROUPS
        for operation in document(service)["operations"].values()
        if operation["action"] == "send"
        for message in operation["messages"]
    ]
    ours = {one.name for one in EVENT_TYPES if one.writer in GROUPS}

    assert ours <= set(sent)
    assert all(sent.count(name) == 1 for name in ours)
    assert sent.count("dead-letter") == len(DEAD_LETTERS)


@every_service
def test_payloads_accept_what_is_written(service: str) -> None:
    """The payload schema of every message of a document accepts a full event of that type."""
    root = document(service)
    by_name = {one.name: one for one in EVENT_TYPES}
    for name, message in root["components"]["messages"].items():
        if name in by_name:
            schema = {"components": root["components"], **message["payload"]}
            jsonschema_rs.validator_for(schema).validate(json.loads(encode(full_event(by_name[name]))))
