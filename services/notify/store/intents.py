"""Intents in PostgreSQL. Whoever changes one holds the lock of its ticket."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.notify.domain.intent import Intent
from services.notify.domain.states import NoticeState
from services.notify.domain.ticket import NoticeKind
from shared.database.connection import Connection

COLUMNS: Final = (
    "notice_id, ticket_id, member_id, kind, version, channel, state, template_version, text_hash, cause, planned_at, "
    "expires_at, due_at, attempt, provider, message_id, contact_entries, reason, submitted_at"
)

SAVE: Final = f"""
insert into intent ({COLUMNS}) values
($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
on conflict (notice_id) do update set
    member_id = excluded.member_id, channel = excluded.channel, state = excluded.state,
    template_version = excluded.template_version, text_hash = excluded.text_hash,
    due_at = excluded.due_at, attempt = excluded.attempt,
    provider = excluded.provider, message_id = excluded.message_id, contact_entries = excluded.contact_entries,
    reason = excluded.reason, submitted_at = excluded.submitted_at, changed_at = now()
"""

DELETE_OF_TICKETS: Final = "delete from intent where ticket_id = any($1::uuid[])"

OF_TICKETS: Final = f"select {COLUMNS} from intent where ticket_id = any($1::uuid[]) order by notice_id for update"

BY_ID: Final = f"select {COLUMNS} from intent where notice_id = any($1::uuid[]) order by notice_id for update"

TICKETS_OF: Final = "select distinct ticket_id from intent where notice_id = any($1::uuid[])"

DUE: Final = "select notice_id, ticket_id from intent where due_at <= now() order by due_at limit $1"

DUE_OF_TICKETS: Final = f"""
select {COLUMNS} from intent
where notice_id = any($1::uuid[]) and ticket_id = any($2::uuid[]) and due_at <= now()
order by due_at, notice_id for update
"""

# Counted by their submission, not by the provider's yes: one in doubt may have rung at the member as well.
SENT: Final = """
select member_id, channel, count(*) filter (where submitted_at > $2::timestamptz - interval '1 hour') as last_hour,
       count(*) as last_day
from intent
where member_id = any($1::text[]) and submitted_at > $2::timestamptz - interval '1 day' group by member_id, channel
"""

DUE_LATE: Final = "select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 from intent \
where due_at is not null and due_at <= now()"

IN_DOUBT: Final = "select count(*) from intent where state = 'in_doubt' and due_at is not null"


async def of_tickets(connection: Connection, ticket_ids: Iterable[UUID]) -> list[Intent]:
    """All notices of these tickets."""
    return [_intent(row) for row in await connection.fetch(OF_TICKETS, sorted(set(ticket_ids)))]


async def by_id(connection: Connection, notice_ids: Iterable[UUID]) -> dict[UUID, Intent]:
    """These notices, as far as they exist."""
    return {row["notice_id"]: _intent(row) for row in await connection.fetch(BY_ID, sorted(set(notice_ids)))}


async def tickets_of(connection: Connection, notice_ids: Iterable[UUID]) -> list[UUID]:
    """The tickets these notices belong to, to be locked first."""
    return [row["ticket_id"] for row in await connection.fetch(TICKETS_OF, sorted(set(notice_ids)))]


async def due(connection: Connection, limit: int) -> dict[UUID, UUID]:
    """Notices that have to be looked at now, longest due first, with their tickets. Nothing is locked yet."""
    return {row["notice_id"]: row["ticket_id"] for row in await connection.fetch(DUE, limit)}


async def still_due(connection: Connection, notice_ids: Iterable[UUID], ticket_ids: Iterable[UUID]) -> list[Intent]:
    """Those of ``notice_ids`` that belong to the tickets we hold and are still due."""
    return [_intent(row) for row in await connection.fetch(DUE_OF_TICKETS, list(notice_ids), list(ticket_ids))]


async def sent_lately(
    connection: Connection, member_ids: Iterable[str], now: datetime
) -> dict[tuple[str, str], tuple[int, int]]:
    """How many notices members were sent: (member, channel) -> (last hour, last day)."""
    rows = await connection.fetch(SENT, sorted(set(member_ids)), now)
    return {(row["member_id"], row["channel"]): (row["last_hour"], row["last_day"]) for row in rows}


async def save(connection: Connection, intents: Sequence[Intent]) -> None:
    """Writes notices, new or changed."""
    if intents:
        await connection.executemany(
            SAVE, [_row(intent) for intent in sorted(intents, key=lambda intent: intent.notice_id)]
        )


def _row(intent: Intent) -> tuple[Any, ...]:
    return (
        intent.notice_id,
        intent.ticket_id,
        intent.member_id,
        intent.kind,
        intent.version,
        intent.channel,
        intent.state,
        intent.template_version,
        intent.text_hash,
        intent.cause,
        intent.planned_at,
        intent.expires_at,
        intent.due_at,
        intent.attempt,
        intent.provider,
        intent.message_id,
        list(intent.contact_entries),
        intent.reason,
        intent.submitted_at,
    )


def _intent(row: Any) -> Intent:
    fields = dict(row)
    fields |= {
        "kind": NoticeKind(row["kind"]),
        "state": NoticeState(row["state"]),
        "contact_entries": tuple(row["contact_entries"]),
    }
    return Intent(**fields)
