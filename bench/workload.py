"""What is sent: members, their orders, a team of agents, and contacts that each open a ticket of their own."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from shared.bus.publisher import Outgoing, partition_of
from shared.contracts import topics

MEMBERS: Final = 8000
AGENTS: Final = 40
SEATS: Final = 1000
"""Tickets an agent can hold: nobody ever waits for an agent here, which would measure the agents and not us."""

CONTACT_TYPE: Final = (("ce_type", b"support.contact.received.v1"),)
_TIERS: Final = ("standard", "standard", "standard", "silver", "gold")


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact to send. ``contact_id`` is how its ticket is found again."""

    contact_id: str
    key: bytes
    value: bytes


def members() -> list[Outgoing]:
    """Members who can be recognised by their chat name and by email, and whom no notice can reach.

    A notice is planned and suppressed for each, so that sending is not measured where processing is.
    """
    return [
        _record(
            topics.MEMBER,
            f"M{number}",
            {
                "member_id": f"M{number}",
                "tier": _TIERS[number % len(_TIERS)],
                "handles": [
                    {"kind": "wechat_openid", "value": f"o{number:08d}", "verified": True},
                    {"kind": "email", "value": f"m{number}@example.com", "verified": True},
                ],
                "version": 1,
            },
        )
        for number in range(MEMBERS)
    ]


def orders() -> list[Outgoing]:
    """One order of each member; the first contact of a member is about it."""
    return [
        _record(topics.ORDER, _order(number), {"order_no": _order(number), "member_id": f"M{number}", "version": 1})
        for number in range(MEMBERS)
    ]


def agents() -> list[Outgoing]:
    """A team that is always there and never full."""
    fields = {"team": "frontline", "skills": {}, "capacity": SEATS, "presence": "online", "version": 1}
    return [
        _record(topics.AGENT, f"A{number}", {"agent_id": f"A{number}", "name": f"A{number}", **fields})
        for number in range(AGENTS)
    ]


def contact(run: str, number: int) -> Contact:
    """The ``number``-th contact of a run: one channel after the other, about an order of its own.

    Those by telephone come from numbers nobody knows; all others from a verified address of a member.
    """
    member = number % MEMBERS
    channel, kind, value = (
        ("phone", "phone", f"+86139{number:08d}"),
        ("chat", "wechat_openid", f"o{member:08d}"),
        ("email", "email", f"m{member}@example.com"),
        ("social", "wechat_openid", f"o{member:08d}"),
    )[number % 4]
    texts = _texts()
    body = {
        "contact_id": f"{run}-{number}",
        "channel": channel,
        "received_at": datetime.now(UTC).isoformat(),
        "sender": {"kind": kind, "value": value},
        "text": texts[number // 4 % len(texts)].format(order=_order(number)),
    }
    data = json.dumps(body, ensure_ascii=False).encode()
    return Contact(f"{run}-{number}", f"{channel}:{value}".encode(), data)


def contacts(run: str, count: int, *, start: int = 0) -> list[Contact]:
    """``count`` contacts of a run, from the ``start``-th."""
    return [contact(run, number) for number in range(start, start + count)]


def _order(number: int) -> str:
    return f"KA2026{number:010d}"


def _record(topic: topics.Topic, key: str, value: dict[str, Any]) -> Outgoing:
    raw = key.encode()
    return Outgoing(topic.name, partition_of(raw), raw, json.dumps(value).encode(), ())


@cache
def _texts() -> tuple[str, ...]:
    return tuple(yaml.safe_load((Path(__file__).parent / "texts.yaml").read_text("utf-8")))
