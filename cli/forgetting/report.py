"""What became of an order to forget: by service what was erased, by topic what stays and until when."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg

from cli.errors import CommandError
from cli.kafka_log import admin_client, kafka_answers
from shared.bus.topic_configs import settings_of_topics
from shared.contracts import topics
from shared.contracts.services import DEAD_LETTERS, ERASING

# The names of schemas are those of our services; PostgreSQL takes no parameters here.
ERASED: Final = "select clean_at is not null as clean, erased from {}.erasure where request_id = $1"

_LOGS: Final = "Each service says `member.forgotten` in its log; DATABASE_URL has to name the administrator's database."

STAYS: Final = {
    topics.CONTACT.name: "what the member wrote, in clear",
    topics.ACTION.name: "what the member did, in clear",
    topics.TICKET.name: "the lives of their tickets: masked summaries, answers, their member id",
    topics.NOTICE.name: "what was sent to them: no address and no text, their member id",
    topics.MEMBER.name: "nothing but the deletion, once the log is compacted",
    topics.ORDER.name: "nothing but the deletion, once the log is compacted",
}
"""What of a member a topic still holds."""


async def erased_by_service(database: str, request: str, *, seconds: float) -> dict[str, dict[str, int] | None]:
    """Rows erased by service and table; None for one that has not reported within the time."""
    found: dict[str, dict[str, int] | None] = dict.fromkeys(ERASING)
    try:
        connection = await asyncpg.connect(database)
    except (OSError, asyncpg.PostgresError) as error:
        raise CommandError(f"the order stands, but its reports cannot be read: {error}", hint=_LOGS) from None
    try:
        until = asyncio.get_running_loop().time() + seconds
        while None in found.values() and asyncio.get_running_loop().time() < until:
            for service in [name for name, erased in found.items() if erased is None]:
                row = await connection.fetchrow(ERASED.format(service), request)
                if row and row["clean"]:
                    found[service] = json.loads(row["erased"])
            await asyncio.sleep(0.5)
    except asyncpg.PostgresError as error:
        raise CommandError(f"the order stands, but its reports cannot be read: {error}", hint=_LOGS) from None
    finally:
        await connection.close()
    return found


async def left_on_topics(servers: str) -> list[dict[str, Any]]:
    """What stays where, and the day by which it is gone: the retention, and the segment a record may share."""
    names = [*STAYS, *DEAD_LETTERS]
    async with kafka_answers(servers), admin_client(servers) as admin:
        settings = await settings_of_topics(admin, names)
    left = []
    for name, told in sorted(settings.items()):
        compacted = "compact" in told["cleanup.policy"]
        kept = int(told["max.compaction.lag.ms" if compacted else "retention.ms"])
        gone = None if kept < 0 else datetime.now(UTC) + timedelta(milliseconds=kept + int(told["segment.ms"]))
        what = STAYS.get(name, "records that could not be used, in clear")
        left.append({"topic": name, "holds": what, "gone_by": gone.date().isoformat() if gone else None})
    return left
