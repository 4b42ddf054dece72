"""Orders of the platform: the latest version of each, and whose it is."""

from collections.abc import Iterable, Sequence
from typing import Final

from services.intake.domain.orders import Order
from services.intake.understanding.extract.orders import order_key
from shared.contracts import topics
from shared.contracts.reference import OrderChanged
from shared.database.connection import Connection

FORGET_ORDERS: Final = "delete from platform_order where order_no = any($1::text[])"

SAVE_ORDERS: Final = """
insert into platform_order as o (order_no, member_id, category, status, version)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
on conflict (order_no) do update set
    member_id = excluded.member_id, category = excluded.category, status = excluded.status, version = excluded.version,
    changed_at = now()
where o.version <= excluded.version
"""

# With the key it came under. A reading anew that brings the order again notes both again; without the key nothing
# takes the order for deleted that it does not bring, and there is nothing left of it to delete. A key that is being
# read just now is passed over: that order is about to come back.
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

# By version: of two that differ in case alone the later one is taken.
ORDERS: Final = """
select order_no, member_id from platform_order where upper(order_no) = any($1::text[]) order by version
"""


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


async def orders_of(connection: Connection, order_nos: Iterable[str]) -> dict[str, Order]:
    """Those of these orders that exist, by ``order_key``."""
    rows = await connection.fetch(ORDERS, sorted({order_key(order_no) for order_no in order_nos}))
    return {order_key(row["order_no"]): Order(row["order_no"], row["member_id"]) for row in rows}
