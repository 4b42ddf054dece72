"""Members in PostgreSQL: the newest version wins, addresses are sealed."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

import asyncpg
import structlog

from services.notify.domain.member import Addresses, Member
from shared.contracts.reference import MemberChanged, PushAddress
from shared.database.connection import Connection
from shared.security.sealing import DataKeyError, Sealer
from shared.telemetry import metrics

log = structlog.get_logger()

# The same version is written again: a topic that is read anew brings what an earlier release did not keep of it.
SAVE: Final = """
insert into member as m (member_id, version, tier, locale, has_phone, has_push, addresses)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bool[], $6::bool[], $7::bytea[])
on conflict (member_id) do update set
    version = excluded.version, tier = excluded.tier, locale = excluded.locale,
    has_phone = excluded.has_phone, has_push = excluded.has_push, addresses = excluded.addresses
where m.version <= excluded.version
"""

FORGET: Final = "delete from member where member_id = any($1::text[])"

LOCK: Final = """
select member_id, tier, locale, has_phone, has_push from member where member_id = any($1::text[])
order by member_id for update
"""

FIND: Final = "select member_id, tier, locale, has_phone, has_push from member where member_id = $1"

ADDRESSES: Final = "select member_id, addresses from member where member_id = any($1::text[])"


async def change_members(
    connection: Connection, sealer: Sealer, changes: Sequence[MemberChanged], gone: Sequence[str]
) -> None:
    """Takes over what the platform says: one change of each member, the newest. An older version changes nothing."""
    if gone:
        await connection.execute(FORGET, gone)
    if changes:
        await _save(connection, sealer, changes)


async def lock_members(connection: Connection, member_ids: Iterable[str]) -> dict[str, Member]:
    """The members there are, locked in the order of their ids, so that their limits are counted by one at a time."""
    rows = await connection.fetch(LOCK, sorted(set(member_ids)))
    return {row["member_id"]: Member(**dict(row)) for row in rows}


async def find_member(pool: asyncpg.Pool, member_id: str) -> Member | None:
    """The member as we know them now, without a lock."""
    row = await pool.fetchrow(FIND, member_id)
    return Member(**dict(row)) if row else None


async def open_addresses(connection: Connection, sealer: Sealer, member_ids: Iterable[str]) -> dict[str, Addresses]:
    """Where members can be reached, in clear. Who is gone, or sealed with a key we do not have, is left out."""
    found = {}
    for row in await connection.fetch(ADDRESSES, sorted(set(member_ids))):
        member_id = row["member_id"]
        try:
            data = json.loads(sealer.open(row["addresses"], context=sealed_as(member_id)))
        except DataKeyError as error:
            log.error("member.unreadable", member_id=member_id, error=str(error))
            metrics.UNREADABLE_ROWS.labels("member").inc()
            continue
        found[member_id] = Addresses(tuple(data["phones"]), tuple(PushAddress(**one) for one in data["push"]))
    return found


async def _save(connection: Connection, sealer: Sealer, changes: Sequence[MemberChanged]) -> None:
    addresses = [Addresses.of(change) for change in changes]
    await connection.execute(
        SAVE,
        [change.member_id for change in changes],
        [change.version for change in changes],
        [change.tier for change in changes],
        [change.locale for change in changes],
        [bool(one.phones) for one in addresses],
        [bool(one.push) for one in addresses],
        [
            sealer.seal(_as_json(one), context=sealed_as(change.member_id))
            for change, one in zip(changes, addresses, strict=True)
        ],
    )


def _as_json(addresses: Addresses) -> str:
    return json.dumps({"phones": addresses.phones, "push": [address.model_dump() for address in addresses.push]})


def sealed_as(member_id: str) -> str:
    """The context the addresses of a member are sealed in."""
    return f"notify/member/{member_id}"
