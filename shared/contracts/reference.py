"""The platform's reference data: members, orders, agents. An older version never overwrites a newer one."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from shared.contracts.model import Fact, Identifier, Time, Version, known
from shared.contracts.vocabulary import OrderStatus, Presence, Team, Tier


class Handle(Fact):
    """An address of a member: phone (E.164), email, wechat_openid … Only a verified one identifies."""

    kind: Identifier
    value: Identifier
    verified: bool = False


class PushAddress(Fact):
    """A device the member's app runs on."""

    provider: str
    token: str


class MemberChanged(Fact):
    """A member as the platform knows them now."""

    member_id: Identifier
    tier: Annotated[str, known(Tier)] = Tier.STANDARD
    display_name: str | None = None
    handles: tuple[Handle, ...] = ()
    push: tuple[PushAddress, ...] = ()
    advisor_agent_id: str | None = None
    locale: str | None = None
    version: Version = 0


class Product(Fact):
    """What was bought."""

    sku: str | None = None
    name: str | None = None
    category: str | None = None


class Topup(Fact):
    """How far a top-up has come at the supplier."""

    account_masked: str | None = None
    state: str | None = None
    updated_at: Time | None = None


class CardKey(Fact):
    """A card key, masked; the key itself is never on a topic."""

    key_id: str
    masked: str | None = None
    state: str | None = None
    activated_at: Time | None = None
    expires_at: Time | None = None


class OrderChanged(Fact):
    """An order as the platform knows it now."""

    order_no: Identifier
    member_id: Identifier
    product: Product | None = None
    amount: Decimal | None = None
    currency: str | None = None
    placed_at: Time | None = None
    paid_at: Time | None = None
    supplier: str | None = None
    status: Annotated[str, known(OrderStatus)] = OrderStatus.PLACED
    topup: Topup | None = None
    card_keys: tuple[CardKey, ...] = ()
    version: Version = 0


class AgentChanged(Fact):
    """An agent as the platform knows them now. ``skills``: problem type -> proficiency 1 to 5; empty means any.

    ``capacity`` is the number of tickets held at once; ``tiers`` limits whom they serve (null: everybody).
    """

    agent_id: Identifier
    name: str | None = None
    team: Annotated[str, known(Team)] = Team.FRONTLINE
    skills: dict[str, int] = Field(default_factory=dict)
    languages: tuple[str, ...] = ()
    capacity: int = Field(default=1, ge=0, le=1000)
    tiers: tuple[str, ...] | None = None
    presence: Annotated[str, known(Presence)] = Presence.OFFLINE
    version: Version = 0
