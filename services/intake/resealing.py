"""What intake holds under its keys: contacts, the addresses they came from, and the addresses members are known by."""

import json
from collections.abc import Iterable
from typing import Final

import asyncpg

from services.intake.store.handles import handles_of, indexes_of, save_handles, sealed_anew
from services.intake.use_cases.understand_contact import addresses_of, sealed_as
from shared.contracts.contacts import Sender
from shared.contracts.reference import MemberChanged
from shared.resealing.tables import SealedTable
from shared.security.sealing import Sealer

UNSEALED: Final = "select distinct member_id from handle where sealed is null"
LOCK_MEMBERS: Final = """
select member_id from member where (member_id, version) in (select * from unnest($1::text[], $2::bigint[]))
order by member_id for update
"""

# The contact that opened a ticket says what the address is that the ticket is known by.
OPENING: Final = """
left join lateral (
    select channel, contact_id, sender_sealed from contact
    where contact.ticket_id = t.ticket_id and contact.rule = 'new' limit 1
) as opening on true
"""


def _contact(row: asyncpg.Record, sealer: Sealer) -> tuple[bytes, ...]:
    context = sealed_as(row["channel"], row["contact_id"])
    content = sealer.open(row["content_sealed"], context=context)
    return (*_sender(row, sealer), sealer.seal(content, context=context))


def _sender(row: asyncpg.Record, sealer: Sealer) -> tuple[bytes, bytes]:
    context = sealed_as(row["channel"], row["contact_id"])
    sender_json = sealer.open(row["sender_sealed"], context=context)
    sender = Sender.model_validate(json.loads(sender_json))
    return addresses_of(sender, row["channel"], row["contact_id"], sealer)[0], sealer.seal(sender_json, context=context)


def _ticket(row: asyncpg.Record, sealer: Sealer) -> tuple[bytes, ...]:
    """A ticket of whose words nothing is kept can be found by its member alone."""
    return _sender(row, sealer)[:1] if row["sender_sealed"] else (b"",)


def _handle(row: asyncpg.Record, sealer: Sealer) -> tuple[bytes, ...]:
    indexes = indexes_of(row["sealed"], row["member_id"], sealer)
    return indexes[0], sealed_anew(row["sealed"], row["member_id"], sealer)


TABLES: Final = (
    SealedTable("handle", {"blind": "bytea", "member_id": "text"}, ("blind", "sealed"), _handle),
    SealedTable(
        "contact", {"channel": "text", "contact_id": "text"}, ("sender", "sender_sealed", "content_sealed"), _contact
    ),
    SealedTable(
        "ticket", {"ticket_id": "uuid"}, ("sender",), _ticket, OPENING, ("channel", "contact_id", "sender_sealed")
    ),
    # Whoever has one locked lets it pass over its matter, so they are left to end by themselves.
    SealedTable("waiting_contact", {"channel": "text", "contact_id": "text"}, ("sender",), None),
)


async def members_to_index(connection: asyncpg.Connection) -> set[str]:
    """Members whose addresses were kept by a version that did not seal them: their topic alone still tells them."""
    return {row["member_id"] for row in await connection.fetch(UNSEALED)}


async def index_anew(connection: asyncpg.Connection, members: Iterable[MemberChanged], sealer: Sealer) -> int:
    """Keeps the addresses of those members that are known in just this version. Returns how many members these are."""
    by_id = {member.member_id: member for member in members}
    async with connection.transaction():
        versions = [member.version for member in by_id.values()]
        known = [row["member_id"] for row in await connection.fetch(LOCK_MEMBERS, list(by_id), versions)]
        await save_handles(connection, {member_id: handles_of(by_id[member_id], sealer) for member_id in known})
    return len(known)
