"""Order numbers: when two spellings are one order, and which of several a contact is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake.understanding.extract.orders import order_key


def same_order(one: str | None, other: str | None) -> bool:
    """Whether two spellings name one order."""
    return one is not None and other is not None and order_key(one) == order_key(other)


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the platform, as the platform writes it, and whose it is."""

    order_no: str
    member_id: str


def main_order(
    order_nos: Sequence[str], known: Mapping[str, Order], member_id: str | None
) -> tuple[str | None, str | None]:
    """The order a contact is about, as the platform writes it, and whose it is: the first of the member's own, else the
    first that exists, else the first named. ``known``: the orders that exist, by ``order_key``.

    Payment references look like order numbers and often stand before them.
    """
    existing = [order for number in order_nos if (order := known.get(order_key(number)))]
    own = (order for order in existing if order.member_id == member_id)
    if order := next(own, None) or next(iter(existing), None):
        return order.order_no, order.member_id
    return next(iter(order_nos), None), None
