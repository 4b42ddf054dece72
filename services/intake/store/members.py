"""Members: the latest version of each, with their verified addresses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.intake.store.handles import FORGET_HANDLES, Handle, save_handles
from shared.contracts.reference import MemberChanged
from shared.database.connection import Connection

FORGET_MEMBERS: Final = "delete from member where member_id = any($1::text[])"

SAVE_MEMBERS: Final = """
insert into member as m (member_id, tier, locale, version)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
on conflict (member_id) do update set tier = excluded.tier, locale = excluded.locale, version = excluded.version
where m.version <= excluded.version
returning member_id
"""

TIERS: Final = "select member_id, tier from member where member_id = any($1::text[])"


async def forget_members(connection: Connection, member_ids: Sequence[str]) -> None:
    """Deletes members and their handles."""
    await connection.execute(FORGET_HANDLES, member_ids)
    await connection.execute(FORGET_MEMBERS, member_ids)


async def save_members(
    connection: Connection, members: Sequence[MemberChanged], handles: Mapping[str, Sequence[Handle]]
) -> None:
    """Keeps these members unless a newer version is there. ``handles``: by member; others are lost."""
    rows = await connection.fetch(
        SAVE_MEMBERS,
        [member.member_id for member in members],
        [str(member.tier) for member in members],
        [member.locale for member in members],
        [member.version for member in members],
    )
    # Only of those whose row was taken: an older version must not bring back an address that a newer one gave up.
    await save_handles(connection, {row["member_id"]: handles[row["member_id"]] for row in rows})


async def tiers_of(connection: Connection, member_ids: Iterable[str]) -> dict[str, str]:
    """The tiers of the members that are known."""
    rows = await connection.fetch(TIERS, sorted(set(member_ids)))
    return {row["member_id"]: row["tier"] for row in rows}
