"""Verified addresses of members as they are kept: a blind index to find them by, and themselves, sealed.

They are opened for two things alone: to index them anew under another key, and to forget everything of their member.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from shared.contracts.reference import MemberChanged
from shared.database.connection import Connection
from shared.erasure.orders import Addresses
from shared.security.sealing import DataKeyError, Sealer

FORGET_HANDLES: Final = "delete from handle where member_id = any($1::text[])"
SAVE_HANDLES: Final = """
insert into handle (blind, member_id, sealed) select * from unnest($1::bytea[], $2::text[], $3::bytea[])
on conflict do nothing
"""

MEMBERS_OF_HANDLES: Final = "select blind, member_id from handle where blind = any($1::bytea[]) order by member_id"
OF_MEMBER: Final = "select blind, sealed from handle where member_id = $1"

Handle = tuple[bytes, bytes]
"""A verified address: its blind index, and itself sealed."""


def handles_of(member: MemberChanged, sealer: Sealer) -> list[Handle]:
    """What is kept of a member's addresses; of each only once, however often and however it is written."""
    verified = [handle for handle in member.handles if handle.verified]
    by_index = {sealer.blind(handle.kind, handle.value): handle for handle in verified}
    return [
        (blind, sealer.seal(json.dumps([handle.kind, handle.value]), context=_context(member.member_id)))
        for blind, handle in by_index.items()
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
        indexes: set[bytes] = set()
        for row in await connection.fetch(OF_MEMBER, member_id):
            indexes.add(row["blind"])
            try:
                indexes.update(indexes_of(row["sealed"], member_id, sealer))
            except DataKeyError:
                continue
        return sorted(indexes)

    return find


async def save_handles(connection: Connection, handles: Mapping[str, Sequence[Handle]]) -> None:
    """The verified addresses of these members, whose rows are locked; others of theirs are lost."""
    # In one order, so that two batches that verify the same address never wait for each other both ways.
    rows = sorted((*handle, member_id) for member_id, theirs in handles.items() for handle in theirs)
    await connection.execute(FORGET_HANDLES, list(handles))
    await connection.execute(SAVE_HANDLES, *([row[column] for row in rows] for column in (0, 2, 1)))


async def members_of_handles(connection: Connection, blinds: Sequence[bytes]) -> dict[bytes, list[str]]:
    """The members each of these addresses is a verified one of."""
    members: dict[bytes, list[str]] = {}
    for row in await connection.fetch(MEMBERS_OF_HANDLES, blinds):
        members.setdefault(row["blind"], []).append(row["member_id"])
    return members


def _context(member_id: str) -> str:
    return f"intake/handle/{member_id}"
