"""Rows of members: their dedicated advisor, and nothing else."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.contracts.reference import MemberChanged
from shared.database.connection import Connection

CHANGE: Final = """
insert into member (member_id, advisor_agent_id, version) select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (member_id) do update set advisor_agent_id = excluded.advisor_agent_id, version = excluded.version
where member.version <= excluded.version
"""

DELETE: Final = "delete from member where member_id = any($1::text[])"

ADVISORS: Final = """
select member_id, advisor_agent_id from member where member_id = any($1::text[]) and advisor_agent_id is not null
"""


async def change_members(connection: Connection, changes: Sequence[MemberChanged], gone: Sequence[str]) -> None:
    """Takes over what the platform says: one change of each member, the newest. An older version changes nothing."""
    if gone:
        await connection.execute(DELETE, gone)
    if changes:
        ordered = sorted(changes, key=lambda change: change.member_id)
        await connection.execute(
            CHANGE,
            [change.member_id for change in ordered],
            [change.advisor_agent_id for change in ordered],
            [change.version for change in ordered],
        )


async def advisors_of(connection: Connection, member_ids: Iterable[str]) -> dict[str, str]:
    """Member -> dedicated advisor, of those who have one."""
    wanted = sorted(set(member_ids))
    rows = await connection.fetch(ADVISORS, wanted) if wanted else []
    return {row["member_id"]: row["advisor_agent_id"] for row in rows}
