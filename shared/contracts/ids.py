"""Identifiers: fresh ones, names made of several parts, and ids that derive from their cause, so that a replay says the
same thing."""

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


def name_of(*parts: str) -> str:
    """One name for several parts, joined by ``/``: other parts never give the same name.

    Whatever the parts hold: a ``/`` or ``%`` inside of one is written ``%2F`` or ``%25``. Most have none, and stay
    legible.
    """
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


def derived_id(cause: str, effect: str, at: datetime) -> uuid.UUID:
    """The UUIDv7 (RFC 9562) of ``effect`` as brought about by ``cause``: equal arguments give an equal id.

    Its time is ``at`` to the millisecond, its 74 other bits come from SHA-256 over cause and effect.
    """
    milliseconds = int(at.astimezone(UTC).timestamp() * 1000) & ((1 << 48) - 1)
    told = "\x1f".join(part.replace("%", "%25").replace("\x1f", "%1F") for part in (cause, effect))
    digest = int.from_bytes(hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:10])
    bits = milliseconds << 80 | 0x7 << 76 | (digest >> 62 & 0xFFF) << 64 | 0b10 << 62 | (digest & ((1 << 62) - 1))
    return uuid.UUID(int=bits)


def earliest_id(at: datetime) -> uuid.UUID:
    """Below every UUIDv7 of ``at`` or later, above every earlier one: ids that begin with their time sort by it."""
    return uuid.UUID(int=max(0, int(at.astimezone(UTC).timestamp() * 1000)) << 80)
