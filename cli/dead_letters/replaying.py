"""Back onto their own topics: first the records, then the markers that say so.

Dying between the two publishes a letter again at the next replay; the group it is meant for knows repeats by their
natural keys, as with every other source.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from cli.asker import asker
from cli.dead_letters.letter import DeadLetter
from cli.environment import needed
from cli.kafka_log import kafka_answers
from shared.bus.publisher import KafkaPublisher
from shared.bus.writers import OURS
from shared.security.tags import EventTags

_AT_ONCE = 100


async def replay(
    servers: str, letters: Sequence[DeadLetter], *, value: bytes | None = None
) -> AsyncIterator[DeadLetter]:
    """Publishes each letter to the topic and partition it came from; yields it once Kafka has it.

    ``value`` replaces the bytes of the record, for one that had to be mended.
    """
    tags = _tags(letters)
    publisher = KafkaPublisher(servers, client_id="kefu-cli")
    try:
        async with kafka_answers(servers):
            for first in range(0, len(letters), _AT_ONCE):
                some = letters[first : first + _AT_ONCE]
                await publisher.publish(
                    [letter.replayed(letter.value if value is None else value, tags) for letter in some]
                )
                now = datetime.now(UTC)
                await publisher.publish([letter.marker(now, by=asker()) for letter in some])
                for letter in some:
                    yield letter
    finally:
        await publisher.close()


def _tags(letters: Sequence[DeadLetter]) -> EventTags | None:
    """What makes an event of ours one that may be sent again; nothing else needs it."""
    return EventTags.from_settings(needed("KEFU_EVENT_KEY")) if any(one.topic in OURS for one in letters) else None
