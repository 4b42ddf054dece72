"""Orders to forget a member: a tombstone of the member that says so in a header. Any other only ends the membership."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from shared.bus.record import Batch, Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import topics
from shared.database.connection import Connection

FORGET: Final = "kefu_forget"
"""The header; its value names the request."""

TAKE: Final = """
insert into erasure (request_id, member_id, addresses, asked_at, again_at)
values ($1, $2, $3, $4, $4) on conflict (request_id) do nothing
"""

Addresses: TypeAlias = Callable[[Connection, str], Awaitable[list[bytes]]]
"""What else is known to be of a member, as blind indexes."""


async def no_addresses(_: Connection, __: str) -> list[bytes]:
    """Nothing is, in most services."""
    return []


async def take_orders(batch: Batch, work: UnitOfWork, *, addresses: Addresses = no_addresses) -> None:
    """Notes the orders of a batch, before the members themselves are deleted. A repeat changes nothing.

    ``addresses``: says what else is known to be of a member, and will not be after.
    """
    for record in batch.records:
        if request := _request(record):
            theirs = await addresses(work.connection, record.key_text)
            await work.connection.execute(TAKE, request, record.key_text, theirs, work.now)


def _request(record: Record) -> str | None:
    if record.topic != topics.MEMBER.name or not record.is_tombstone or not record.key_text:
        return None
    values = [value for name, value in record.headers if name == FORGET and value]
    return values[-1].decode("utf-8", "replace").replace("\0", "")[:200] if values else None
