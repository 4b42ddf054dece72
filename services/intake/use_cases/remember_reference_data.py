"""Members and orders as the platform tells them: the latest version of each, until it is deleted."""

import asyncio
from typing import Final

from services.intake.store.handles import handles_of
from services.intake.store.members import forget_members, save_members
from services.intake.store.orders import forget_orders, save_orders
from shared.bus.record import Batch
from shared.bus.reference_changes import reference_changes
from shared.contracts import topics
from shared.contracts.reference import MemberChanged, OrderChanged
from shared.database.connection import Connection
from shared.security.sealing import Sealer

YIELD_EVERY: Final = 50
"""Members worked on before the event loop may serve somebody else."""


async def remember_members(batch: Batch, connection: Connection, sealer: Sealer) -> None:
    """Tier, locale and verified addresses, these blind and sealed. Addresses a member no longer has are forgotten."""
    changes = reference_changes(batch, topics.MEMBER, MemberChanged, lambda member: member.member_id)
    if changes.gone:
        await forget_members(connection, changes.gone)
    if changes.changed:
        handles = {}
        for count, member in enumerate(changes.changed):
            handles[member.member_id] = handles_of(member, sealer)
            if count % YIELD_EVERY == YIELD_EVERY - 1:
                # Sealing only computes; a full batch of it would hold up the heartbeats of the consumer.
                await asyncio.sleep(0)
        await save_members(connection, changes.changed, handles)


async def remember_orders(batch: Batch, connection: Connection) -> None:
    """Whose order it is, what kind of goods, how far it is."""
    changes = reference_changes(batch, topics.ORDER, OrderChanged, lambda order: order.order_no)
    if changes.gone:
        await forget_orders(connection, changes.gone)
    if changes.changed:
        await save_orders(connection, changes.changed)
