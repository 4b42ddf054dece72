"""Members and orders as the platform tells them: the latest version of each, until it is deleted."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from services.intake import reference_store as store
from shared.bus.record import Batch
from shared.contracts import topics
from shared.contracts.reference import MemberChanged, OrderChanged
from shared.database.connection import Connection
from shared.security.sealing import Sealer

Changed = TypeVar("Changed", MemberChanged, OrderChanged)

BREATH: Final = 50
"""Members or contacts worked on before the event loop may serve somebody else."""


async def remember_members(batch: Batch, connection: Connection, sealer: Sealer) -> None:
    """Tier, locale and verified addresses, these as blind indexes. Addresses a member no longer has are forgotten."""
    gone, members = latest(batch, topics.MEMBER, MemberChanged, lambda member: member.member_id)
    if gone:
        await store.forget_members(connection, sorted(gone))
    if members:
        handles = {}
        for count, member in enumerate(members):
            verified = [handle for handle in member.handles if handle.verified]
            handles[member.member_id] = [sealer.blind(handle.kind, handle.value) for handle in verified]
            if count % BREATH == BREATH - 1:
                await asyncio.sleep(0)
        await store.save_members(connection, members, handles)


async def remember_orders(batch: Batch, connection: Connection) -> None:
    """Whose order it is, what kind of goods, how far it is."""
    gone, orders = latest(batch, topics.ORDER, OrderChanged, lambda order: order.order_no)
    if gone:
        await store.forget_orders(connection, sorted(gone))
    if orders:
        await store.save_orders(connection, orders)


def latest(
    batch: Batch, topic: topics.Topic, model: type[Changed], key_of: Callable[[Changed], str]
) -> tuple[set[str], list[Changed]]:
    """What is left of a batch: the keys that were deleted at some point, and the newest version of each since,
    ordered by key so that rows are always locked in the same order."""
    gone: set[str] = set()
    newest: dict[str, Changed] = {}
    for record in batch.records:
        if record.is_tombstone and record.topic == topic.name:
            gone.add(record.key_text)
            newest.pop(record.key_text, None)
        elif isinstance(record.event, model):
            key = key_of(record.event)
            if key not in newest or newest[key].version <= record.event.version:
                newest[key] = record.event
    return gone, [newest[key] for key in sorted(newest)]
