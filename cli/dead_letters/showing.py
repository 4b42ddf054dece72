"""Before anybody sees a letter in clear, the dead-letter topic says who asked for it: no record, no sight of it."""

from datetime import UTC, datetime

from cli.asker import asker
from cli.dead_letters.letter import DeadLetter
from cli.kafka_log import kafka_answers
from shared.bus.publisher import KafkaPublisher


async def note_shown(servers: str, letter: DeadLetter, *, why: str = "") -> datetime:
    """Publishes who is shown the letter in clear, beside it. Returns when. Raises CommandError when that fails."""
    now = datetime.now(UTC)
    publisher = KafkaPublisher(servers, client_id="kefu-cli")
    try:
        async with kafka_answers(servers):
            await publisher.publish([letter.shown_marker(now, by=asker(), why=why)])
    finally:
        await publisher.close()
    return now
