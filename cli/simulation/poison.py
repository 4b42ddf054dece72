"""What no channel should ever publish, and some do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.contracts.contacts import ContactReceived
from shared.contracts.envelope import CONTENT_TYPE, STRUCTURED_TYPE
from shared.contracts.registry import BY_MODEL

_TYPE: Final = BY_MODEL[ContactReceived].name
_TOO_LARGE: Final = 2 * 1024 * 1024
_DEPTH: Final = 5000


@dataclass(frozen=True, slots=True)
class Poison:
    """A record for the topic of contacts that cannot be a contact."""

    name: str
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = (("ce_type", _TYPE.encode()),)


def poison(run: str, now: datetime) -> Iterator[Poison]:
    """One of each kind."""
    good = {
        "contact_id": f"{run}poison",
        "channel": "chat",
        "received_at": now.isoformat(),
        "sender": {"kind": "member", "value": f"{run}poison"},
        "text": "充值没到账",
    }
    yield Poison("cut off", _json(good)[:-9])
    yield Poison("wrong types", _json(good | {"received_at": "昨天下午", "channel": 42, "attachments": "shot.png"}))
    yield Poison("NUL in an id", _json(good | {"contact_id": f"{run}\x00poison"}))
    yield Poison("2 MB", _json(good | {"text": "没到账" * (_TOO_LARGE // 9)}))
    yield Poison("unknown type", _json(good), (("ce_type", b"support.contact.exploded.v1"),))
    yield Poison("no type", _json(good), (("x-broken", None), ("x-bytes", b"\xff\xfe")))
    yield Poison("null", None)
    yield Poison("deep", b'{"contact_id":' + b"[" * _DEPTH + b"]" * _DEPTH + b"}")
    yield Poison("lone surrogate in an id", _json(good).replace(b"poison", b"\\ud800", 1))
    yield Poison("GBK", json.dumps(good, ensure_ascii=False).encode("gbk"))
    yield Poison("no zone", _json(good | {"received_at": "2026-10-15 14:00:00"}))
    yield Poison("structured, no data", b'{"specversion":"1.0","id":"1","source":"/x","type":"t"}', _STRUCTURED)
    yield Poison("a list", b"[]")


_STRUCTURED: Final = ((CONTENT_TYPE, STRUCTURED_TYPE.encode()),)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
