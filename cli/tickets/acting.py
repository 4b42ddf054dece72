"""An action on a ticket, published as any desk would."""

import os
from datetime import UTC, datetime

from cli.kafka_log import kafka_answers
from shared.bus.publisher import KafkaPublisher, Outgoing, partition_of
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.envelope import Envelope, encode
from shared.contracts.ids import new_id
from shared.contracts.registry import BY_MODEL
from shared.contracts.vocabulary import ActorKind
from shared.security.action_tokens import ACTION_TOKEN, PLATFORM, ActionSignatures

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
    value = encode(action)
    headers = (*envelope.headers(), *_token(action.actor, value))
    record = Outgoing(event_type.topic.name, partition_of(key), key, value, headers)
    publisher = KafkaPublisher(servers, client_id="kefu-cli")
    try:
        async with kafka_answers(servers):
            await publisher.publish([record])
    finally:
        await publisher.close()


def _token(actor: Actor, value: bytes) -> list[tuple[str, bytes]]:
    """What vouches for the actor, where there is a key to sign with."""
    signatures = ActionSignatures(os.environ.get("KEFU_ACTION_KEYS", ""))
    if not signatures.signers:
        return []
    desks = sorted(signatures.signers - {PLATFORM})
    signer = desks[0] if desks and actor.kind != ActorKind.SYSTEM else PLATFORM
    if signer not in signatures.signers:
        return []
    return [(ACTION_TOKEN, signatures.sign(signer, actor, source=SOURCE, value=value))]
