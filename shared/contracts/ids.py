"""Identifiers: fresh ones, and ones that derive from their cause so that a replay says the same thing."""

import hashlib
import uuid
from datetime import UTC, datetime

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562)."""
    return uuid_utils.compat.uuid7()


def as_uuid(text: str) -> uuid.UUID | None:
    """The UUID that ``text`` spells, None when it spells none. What outsiders send as an id may be anything."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def derived_id(cause: str, effect: str, at: datetime) -> uuid.UUID:
    """The UUIDv7 (RFC 9562) of ``effect`` as brought about by ``cause``: equal arguments give an equal id.

    Its time is ``at`` to the millisecond, its 74 other bits come from SHA-256 over cause and effect.
    """
    milliseconds = int(at.astimezone(UTC).timestamp() * 1000) & ((1 << 48) - 1)
    digest = int.from_bytes(hashlib.sha256(f"{cause}\x1f{effect}".encode()).digest()[:10])
    bits = milliseconds << 80 | 0x7 << 76 | (digest >> 62 & 0xFFF) << 64 | 0b10 << 62 | (digest & ((1 << 62) - 1))
    return uuid.UUID(int=bits)
