"""An action on a ticket, published as any desk would."""

from datetime import UTC, datetime

from cli.kafka_log import kafka_answers
from shared.bus.publisher import KafkaPublisher, Outgoing, partition_of
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.envelope import Envelope, encode
from shared.contracts.ids import new_id
from shared.contracts.registry import BY_MODEL

SOURCE = "/kefu/cli"


def actor_from(written: str) -> Actor:
    """`agent:A1` as an actor. Raises ValueError when it is not kind and id."""
    kind, colon, name = written.partition(":")
    if not (kind and colon and name):
        raise ValueError(f"{written!r} is nobody: write kind and id, as in agent:A1")
    return Actor(kind=kind, id=name)


async def publish_action(servers: str, action: ActionRequested) -> None:
    """Publishes an action; it returns when Kafka has it. Routing decides whether it is allowed."""
    event_type = BY_MODEL[ActionRequested]
    key = action.ticket_id.encode()
    envelope = Envelope(str(new_id()), SOURCE, event_type.name, datetime.now(UTC), action.ticket_id)
    record = Outgoing(event_type.topic.name, partition_of(key), key, encode(action), tuple(envelope.headers()))
    publisher = KafkaPublisher(servers, client_id="kefu-cli")
    try:
        async with kafka_answers(servers):
            await publisher.publish([record])
    finally:
        await publisher.close()
