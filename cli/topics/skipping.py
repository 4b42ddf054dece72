"""Going on behind what cannot be read: the wish is published, and the service that is halted there heeds it."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from cli.asker import asker
from cli.errors import CommandError
from cli.kafka_log import admin_client, kafka_answers
from cli.topics.report import committed_by
from shared.bus.publisher import KafkaPublisher
from shared.bus.skipping import skip_wish
from shared.contracts.services import GROUPS

_HEEDED_SECONDS: Final = 40.0


async def skip_batch(servers: str, place: TopicPartition, offset: int, *, only: str = "") -> list[str]:
    """Lets the services that are halted at ``offset`` go on, all or ``only`` one, and waits until they have.

    Raises CommandError when none is halted there, or when it does not go on.
    """
    async with kafka_answers(servers), admin_client(servers) as admin:
        halted = [
            group
            for group, topics in GROUPS.items()
            if only in ("", group)
            and any(topic.name == place.topic for topic in topics)
            and f"at offset {offset}:" in await _why_halted(admin, group, place)
        ]
        if not halted:
            raise CommandError(
                f"{only or 'no service'} is halted at {place.topic}[{place.partition}]@{offset}",
                hint="`kefu topics` and the /readyz of each service tell which is halted, and where.",
            )
        publisher = KafkaPublisher(servers, client_id="kefu-cli")
        try:
            now = datetime.now(UTC)
            await publisher.publish([skip_wish(place, offset, group=group, at=now, by=asker()) for group in halted])
        finally:
            await publisher.close()
        try:
            async with asyncio.timeout(_HEEDED_SECONDS):
                for group in halted:
                    while f"at offset {offset}:" in await _why_halted(admin, group, place):  # noqa: ASYNC110
                        await asyncio.sleep(1)
        except TimeoutError:
            raise CommandError(
                f"the wish is noted, but not heeded within {_HEEDED_SECONDS:.0f} s",
                hint="Look at the log of the service; it heeds the wish as soon as it can, also after a restart.",
            ) from None
    return halted


async def _why_halted(admin: AIOKafkaAdminClient, group: str, place: TopicPartition) -> str:
    told = (await committed_by(admin, group)).get(place)
    return str(told.metadata) if told else ""
