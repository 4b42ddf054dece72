"""The closed words of an open contract: each known value spelled once. Readers must bear unknown ones."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """Where a contact came in."""

    PHONE = "phone"
    CHAT = "chat"
    EMAIL = "email"
    SOCIAL = "social"


class Tier(StrEnum):
    """A member's tier, lowest first."""

    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"
    ENTERPRISE = "enterprise"


class ProblemType(StrEnum):
    """The problem types shipped; operators may add more in ``config/problem_types/``."""

    TOPUP_NOT_ARRIVED = "topup_not_arrived"
    DELIVERY_ISSUE = "delivery_issue"
    CARDKEY_INVALID = "cardkey_invalid"
    BENEFIT_NOT_EFFECTIVE = "benefit_not_effective"
    TIER_DROPPED = "tier_dropped"
    DISCOUNT_MISSING = "discount_missing"
    ACCOUNT_SECURITY = "account_security"
    DISPUTE = "dispute"
    REFUND = "refund"
    COMPLAINT = "complaint"
    ASK_CONTACT = "ask_contact"
    USAGE_HOWTO = "usage_howto"
    OTHER = "other"


class Outcome(StrEnum):
    """What understanding a contact led to: act on it, ask one question, or leave it to a person."""

    ACT = "act"
    ASK = "ask"
    HUMAN = "human"


class Remark(StrEnum):
    """What kind of saying a contact is: a matter, or something beside one that asks nobody for anything."""

    MATTER = "matter"
    GREETING = "greeting"
    COURTESY = "courtesy"
    AUTOMATIC = "automatic"


class Complexity(StrEnum):
    """Simple: a first answer is promised. Complex: a plan as well."""

    SIMPLE = "simple"
    COMPLEX = "complex"


class Urgency(StrEnum):
    """How much harm waiting does."""

    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Identity(StrEnum):
    """How surely we know who is speaking, weakest first."""

    NONE = "none"
    CLAIMED = "claimed"
    HANDLE = "handle"
    SESSION = "session"
    CALL_CODE = "call_code"


class Proof(StrEnum):
    """How surely an address is its sender's, weakest first: not at all, a claim others can forge, a proof."""

    NONE = "none"
    WEAK = "weak"
    STRONG = "strong"


def weaker(one: Proof, other: Proof) -> Proof:
    """The weaker of two proofs."""
    return min(one, other, key=_PROOFS.index)


def is_weaker(one: Proof, other: Proof) -> bool:
    """Whether ``one`` proves less than ``other``."""
    return _PROOFS.index(one) < _PROOFS.index(other)


_PROOFS: Final = tuple(Proof)


class Lane(StrEnum):
    """The way through routing a ticket was given."""

    NORMAL = "normal"
    FAST_TOPUP = "fast_topup"
    ADVISOR = "advisor"
    ESCALATION = "escalation"


class Team(StrEnum):
    """The teams of agents; the last three are the rungs of the escalation ladder."""

    FRONTLINE = "frontline"
    SUPERVISOR = "supervisor"
    TECHNICAL = "technical"
    OPERATIONS = "operations"


class Presence(StrEnum):
    """Whether an agent can be given tickets."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


class WaitingOn(StrEnum):
    """For whom a ticket waits. Only waiting for the member pauses the plan clock."""

    MEMBER = "member"
    SUPPLIER = "supplier"
    INTERNAL = "internal"


class ActorKind(StrEnum):
    """Who asks for an action."""

    AGENT = "agent"
    MEMBER = "member"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"


class AnsweredBy(StrEnum):
    """Who gave an answer or a solution."""

    AGENT = "agent"
    BOT = "bot"
    SELF_SERVICE = "self_service"


class ActionKind(StrEnum):
    """The commands of ``support.action.v1``."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ANSWER = "answer"
    WAIT = "wait"
    RESUME = "resume"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"
    APPEAL = "appeal"
    TRANSFER = "transfer"
    CORRECT_TYPE = "correct_type"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"


TAKES: Final[Mapping[ActionKind, tuple[str, ...]]] = {
    ActionKind.ACCEPT: (),
    ActionKind.DECLINE: (),
    ActionKind.ANSWER: ("text",),
    ActionKind.WAIT: ("on",),
    ActionKind.RESUME: (),
    ActionKind.RESOLVE: ("text", "reason"),
    ActionKind.REOPEN: ("reason",),
    ActionKind.CLOSE: (),
    ActionKind.APPEAL: ("reason", "text"),
    ActionKind.TRANSFER: ("to",),
    ActionKind.CORRECT_TYPE: ("to",),
    ActionKind.ACKNOWLEDGE: (),
    ActionKind.NOTE: ("text",),
}
"""The fields of ``support.action.v1`` each action makes use of; in all others they may be given and change nothing."""


def taken_with(field: str, what: str = "") -> str:
    """Which actions make use of a field, and what it is, as one reads it: ``With wait: member, supplier, internal.``"""
    kinds = ", ".join(kind for kind, fields in TAKES.items() if field in fields)
    return f"With {kinds}: {what}." if what else f"With {kinds}."


class DeclineCause(StrEnum):
    """Why an offered ticket came back."""

    DECLINED = "declined"
    TIMEOUT = "timeout"
    OFFLINE = "offline"


class Clock(StrEnum):
    """The promises a ticket's clocks measure."""

    FIRST_ANSWER = "first_answer"
    PLAN = "plan"
    NEXT_ANSWER = "next_answer"


class EscalationCause(StrEnum):
    """Why a ticket climbed the ladder."""

    BREACH = "breach"
    APPEAL = "appeal"
    MANUAL = "manual"


class NoticeChannel(StrEnum):
    """The ways a notice leaves the house."""

    SMS = "sms"
    PUSH = "push"
    EMAIL = "email"
    CHAT = "chat"
    SOCIAL = "social"


class OrderStatus(StrEnum):
    """The life of an order."""

    PLACED = "placed"
    PAID = "paid"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    FAILED = "failed"
    REFUNDED = "refunded"
