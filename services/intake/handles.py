"""Verified addresses of members as they are kept: a blind index to find them by, and themselves, sealed.

They are opened for two things alone: to index them anew under another key, and to forget everything of their member.
"""

import json
from typing import Final

from services.intake.reference_store import Handle
from shared.contracts.reference import MemberChanged
from shared.database.connection import Connection
from shared.erasure.orders import Addresses
from shared.security.sealing import DataKeyError, Sealer

OF_MEMBER: Final = "select blind, sealed from handle where member_id = $1"


def handles_of(member: MemberChanged, sealer: Sealer) -> list[Handle]:
    """What is kept of a member's addresses; of each only once, however often and however it is written."""
    verified = [handle for handle in member.handles if handle.verified]
    found = {sealer.blind(handle.kind, handle.value): handle for handle in verified}
    return [
        (blind, sealer.seal(json.dumps([one.kind, one.value]), context=_context(member.member_id)))
        for blind, one in found.items()
    ]


def indexes_of(sealed: bytes | None, member_id: str, sealer: Sealer) -> tuple[bytes, ...]:
    """Every blind index an address may be found under, the present one first. Raises DataKeyError."""
    if sealed is None:
        raise DataKeyError("kept by a version that did not seal addresses")
    kind, value = json.loads(sealer.open(sealed, context=_context(member_id)))
    return sealer.blinds(kind, value)


def sealed_anew(sealed: bytes, member_id: str, sealer: Sealer) -> bytes:
    """The same under the present key. Raises DataKeyError."""
    context = _context(member_id)
    return sealer.seal(sealer.open(sealed, context=context), context=context)


def known_addresses(sealer: Sealer) -> Addresses:
    """The addresses of a member as contacts and tickets may be kept under them, whatever their key."""

    async def find(connection: Connection, member_id: str) -> list[bytes]:
        found: set[bytes] = set()
        for row in await connection.fetch(OF_MEMBER, member_id):
            found.add(row["blind"])
            try:
                found.update(indexes_of(row["sealed"], member_id, sealer))
            except DataKeyError:
                continue
        return sorted(found)

    return find


def _context(member_id: str) -> str:
    return f"intake/handle/{member_id}"
