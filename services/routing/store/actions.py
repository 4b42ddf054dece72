"""Rows of actions: which were seen, with what content and what outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.database.connection import Connection

# Column action_id holds the natural key; in rows without content, those of an earlier version, the bare id.
CLAIM: Final = """
insert into action (action_id, ticket_id, kind, actor_kind, actor_id, content, outcome)
select *, 'applied' from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
on conflict (action_id) do nothing returning action_id
"""

CONTENTS: Final = "select action_id, content from action where action_id = any($1::text[]) and content is not null"

WITHOUT_SOURCE: Final = """
select wanted.key, action.outcome
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    as wanted (key, action_id, ticket_id, kind, actor_kind, actor_id)
join action using (action_id, ticket_id, kind, actor_kind, actor_id) where action.content is null
"""

CLAIM_AGAIN: Final = """
update action set outcome = 'applied', code = null where action_id = any($1::text[]) and outcome = 'refused'
returning action_id
"""

RECORD: Final = """
update action set outcome = recorded.outcome, code = recorded.code
from unnest($1::text[], $2::text[], $3::text[]) as recorded (action_id, outcome, code)
where action.action_id = recorded.action_id
"""

FORGET: Final = """
delete from action where action_id in (
    select action_id from action where at < $1 order by at limit $2 for update skip locked
)
"""


class ActionOutcome(StrEnum):
    """What became of an action."""

    APPLIED = "applied"
    REFUSED = "refused"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class ActionFingerprint:
    """What an action is known again by. ``content``: a hash of all it says."""

    key: str
    content: bytes
    action_id: str
    ticket_id: str
    kind: str
    actor_kind: str
    actor_id: str


async def claim_fresh(connection: Connection, fingerprints: Iterable[ActionFingerprint]) -> set[str]:
    """The keys of those that were not seen before. They are ours now."""
    ordered = sorted(fingerprints, key=lambda fingerprint: fingerprint.key)
    rows = await connection.fetch(
        CLAIM,
        [fingerprint.key for fingerprint in ordered],
        [fingerprint.ticket_id for fingerprint in ordered],
        [fingerprint.kind for fingerprint in ordered],
        [fingerprint.actor_kind for fingerprint in ordered],
        [fingerprint.actor_id for fingerprint in ordered],
        [fingerprint.content for fingerprint in ordered],
    )
    return {row["action_id"] for row in rows}


async def claim_again(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of them that were refused. They are ours now."""
    ordered = sorted(keys)
    rows = await connection.fetch(CLAIM_AGAIN, ordered) if ordered else []
    return {row["action_id"] for row in rows}


async def contents_of(connection: Connection, keys: Iterable[str]) -> dict[str, bytes]:
    """What actions said that were seen before, as hashes."""
    ordered = sorted(keys)
    rows = await connection.fetch(CONTENTS, ordered) if ordered else []
    return {row["action_id"]: row["content"] for row in rows}


async def seen_without_source(connection: Connection, fingerprints: Sequence[ActionFingerprint]) -> dict[str, str]:
    """The outcomes, by key, of those an earlier version saw: same id, ticket, kind and actor, whoever sent them."""
    rows = await connection.fetch(
        WITHOUT_SOURCE,
        [fingerprint.key for fingerprint in fingerprints],
        [fingerprint.action_id for fingerprint in fingerprints],
        [fingerprint.ticket_id for fingerprint in fingerprints],
        [fingerprint.kind for fingerprint in fingerprints],
        [fingerprint.actor_kind for fingerprint in fingerprints],
        [fingerprint.actor_id for fingerprint in fingerprints],
    )
    return {row["key"]: row["outcome"] for row in rows}


async def record_outcomes(connection: Connection, outcomes: Mapping[str, tuple[ActionOutcome, str | None]]) -> None:
    """Writes what became of actions, with the code of a refusal."""
    if outcomes:
        keys = sorted(outcomes)
        await connection.execute(RECORD, keys, [outcomes[key][0] for key in keys], [outcomes[key][1] for key in keys])
