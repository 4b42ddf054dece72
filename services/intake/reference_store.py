"""What intake keeps of members and orders: SQL as named constants, in bulk."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.intake.domain.orders import Order
from services.intake.understanding.extract.orders import order_key
from shared.contracts import topics
from shared.contracts.reference import MemberChanged, OrderChanged
from shared.database.connection import Connection

FORGET_MEMBERS: Final = "delete from member where member_id = any($1::text[])"
FORGET_HANDLES: Final = "delete from handle where member_id = any($1::text[])"
FORGET_ORDERS: Final = "delete from platform_order where order_no = any($1::text[])"

SAVE_MEMBERS: Final = """
insert into member as m (member_id, tier, locale, version)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
on conflict (member_id) do update set tier = excluded.tier, locale = excluded.locale, version = excluded.version
where m.version <= excluded.version
returning member_id
"""

SAVE_HANDLES: Final = """
insert into handle (blind, member_id, sealed) select * from unnest($1::bytea[], $2::text[], $3::bytea[])
on conflict do nothing
"""

SAVE_ORDERS: Final = """
insert into platform_order as o (order_no, member_id, category, status, version)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
on conflict (order_no) do update set
    member_id = excluded.member_id, category = excluded.category, status = excluded.status, version = excluded.version,
    changed_at = now()
where o.version <= excluded.version
"""

# With the key it was heard by. A reading anew that brings the order again notes both again; without the key nothing
# takes the order for deleted that it does not bring, and there is nothing left of it to delete. A key that is being
# heard just now is passed over: that order is about to come back.
DELETE_OLD_ORDERS: Final = f"""
with old as materialized (
    select order_no from platform_order where changed_at < $1 order by changed_at limit $2 for update skip locked
), keys as materialized (
    select key from reference_key
    where topic = '{topics.ORDER.name}' and key in (select convert_to(order_no, 'UTF8') from old)
    for update skip locked
), forgotten as (
    delete from reference_key where topic = '{topics.ORDER.name}' and key in (select key from keys)
)
delete from platform_order where order_no in (select order_no from old)
"""

MEMBERS_OF_HANDLES: Final = "select blind, member_id from handle where blind = any($1::bytea[]) order by member_id"
TIERS: Final = "select member_id, tier from member where member_id = any($1::text[])"
ORDERS: Final = """
select order_no, member_id from platform_order where upper(order_no) = any($1::text[]) order by version
"""

Handle = tuple[bytes, bytes]
"""A verified address: its blind index, and itself sealed."""


async def forget_members(connection: Connection, member_ids: Sequence[str]) -> None:
    """Deletes members and their handles."""
    await connection.execute(FORGET_HANDLES, member_ids)
    await connection.execute(FORGET_MEMBERS, member_ids)


async def save_members(
    connection: Connection, members: Sequence[MemberChanged], handles: Mapping[str, Sequence[Handle]]
) -> None:
    """Keeps these members unless a newer version is there. ``handles``: by member; others are lost."""
    rows = await connection.fetch(
        SAVE_MEMBERS,
        [member.member_id for member in members],
        [str(member.tier) for member in members],
        [member.locale for member in members],
        [member.version for member in members],
    )
    await save_handles(connection, {row["member_id"]: handles[row["member_id"]] for row in rows})


async def save_handles(connection: Connection, handles: Mapping[str, Sequence[Handle]]) -> None:
    """The verified addresses of these members, whose rows are locked; others of theirs are lost."""
    rows = sorted((*handle, member_id) for member_id, theirs in handles.items() for handle in theirs)
    await connection.execute(FORGET_HANDLES, list(handles))
    await connection.execute(SAVE_HANDLES, *([row[place] for row in rows] for place in (0, 2, 1)))


async def forget_orders(connection: Connection, order_nos: Sequence[str]) -> None:
    """Deletes orders."""
    await connection.execute(FORGET_ORDERS, order_nos)


async def save_orders(connection: Connection, orders: Sequence[OrderChanged]) -> None:
    """Keeps these orders unless a newer version is there."""
    await connection.execute(
        SAVE_ORDERS,
        [order.order_no for order in orders],
        [order.member_id for order in orders],
        [order.product.category if order.product else None for order in orders],
        [str(order.status) for order in orders],
        [order.version for order in orders],
    )


async def members_of_handles(connection: Connection, blinds: Sequence[bytes]) -> dict[bytes, list[str]]:
    """The members each of these addresses is a verified one of."""
    found: dict[bytes, list[str]] = {}
    for row in await connection.fetch(MEMBERS_OF_HANDLES, blinds):
        found.setdefault(row["blind"], []).append(row["member_id"])
    return found


async def tiers(connection: Connection, member_ids: Iterable[str]) -> dict[str, str]:
    """The tiers of the members that are known."""
    rows = await connection.fetch(TIERS, sorted(set(member_ids)))
    return {row["member_id"]: row["tier"] for row in rows}


async def orders_of(connection: Connection, order_nos: Iterable[str]) -> dict[str, Order]:
    """Those of these orders that exist, by ``order_key``."""
    rows = await connection.fetch(ORDERS, sorted({order_key(order_no) for order_no in order_nos}))
    return {order_key(row["order_no"]): Order(row["order_no"], row["member_id"]) for row in rows}
