"""Contacts that wait for the matter to follow: SQL as named constants. Each has its row in ``contact`` from the start.

A row is claimed, never waited for: who holds the lock of its party passes over one that is just coming due, and whoever
claims a due one takes that lock afterwards, and finds what was decided meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from shared.database.connection import Connection

_SELECT: Final = """
select waiting.channel, waiting.contact_id, sender_sealed, content_sealed
from waiting_contact as waiting join contact using (channel, contact_id)
"""

OF_PARTIES: Final = f"""
{_SELECT} where waiting.member_id = any($1::text[]) or waiting.sender = any($2::bytea[])
order by received_at, handled_at, contact_id for update of waiting skip locked
"""

DUE: Final = f"{_SELECT} where due_at <= now() order by due_at, contact_id limit $1 for update of waiting skip locked"

WAIT: Final = """
insert into waiting_contact (channel, contact_id, member_id, sender, due_at)
select *, $5::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
"""

SETTLE: Final = """
update contact set ticket_id = settled.ticket_id, rule = settled.rule
from unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) as settled (channel, contact_id, ticket_id, rule)
where contact.channel = settled.channel and contact.contact_id = settled.contact_id
"""

PUT_OFF: Final = """
update waiting_contact set due_at = $3
where (channel, contact_id) in (select * from unnest($1::text[], $2::text[]))
"""

END: Final = """
delete from waiting_contact
where (channel, contact_id) in (select * from unnest($1::text[], $2::text[]))
"""


@dataclass(frozen=True, slots=True)
class WaitingContact:
    """A contact that waits, as it is kept."""

    channel: str
    contact_id: str
    sender_sealed: bytes
    content_sealed: bytes


async def waiting_of_parties(
    connection: Connection, members: Sequence[str], senders: Sequence[bytes]
) -> list[WaitingContact]:
    """What waits of these members and addresses, the first received first; ours until the transaction ends."""
    return [_waiting(row) for row in await connection.fetch(OF_PARTIES, members, senders)]


async def claim_waiting(connection: Connection, limit: int) -> list[WaitingContact]:
    """What has waited long enough, claimed by nobody else."""
    return [_waiting(row) for row in await connection.fetch(DUE, limit)]


async def wait(connection: Connection, rows: Sequence[tuple[str, str, str | None, bytes]], until: datetime) -> None:
    """Lets contacts wait: channel, id, member and sender of each."""
    if rows:
        await connection.execute(WAIT, *([row[column] for row in rows] for column in range(4)), until)


async def settle(connection: Connection, rows: Sequence[tuple[str, str, UUID, str]]) -> None:
    """They have a ticket: channel, id, ticket and rule of each."""
    if rows:
        await connection.execute(SETTLE, *([row[column] for row in rows] for column in range(4)))
        await end(connection, [(channel, contact_id) for channel, contact_id, *_ in rows])


async def wait_longer(connection: Connection, keys: Sequence[tuple[str, str]], until: datetime) -> None:
    """They go on waiting."""
    await connection.execute(PUT_OFF, [channel for channel, _ in keys], [contact_id for _, contact_id in keys], until)


async def end(connection: Connection, keys: Sequence[tuple[str, str]]) -> None:
    """They wait no longer."""
    await connection.execute(END, [channel for channel, _ in keys], [contact_id for _, contact_id in keys])


def _waiting(row: asyncpg.Record) -> WaitingContact:
    return WaitingContact(row["channel"], row["contact_id"], row["sender_sealed"], row["content_sealed"])
