"""The inbox: what was received before is left out. An outbox published twice after a crash says everything twice.

Both times with the same sequence, by which the reader knows.
Only the topics we write take part. What outsiders publish is recognised by its natural key, whatever they number it.
"""

from collections.abc import Sequence
from typing import Final

from shared.bus.record import Record
from shared.contracts import topics
from shared.database.connection import Connection
from shared.telemetry import metrics

SEQUENCED: Final = frozenset(topic.name for topic in topics.OURS)
"""The topics whose every event went through an outbox of ours, which numbered it."""

LATEST: Final = """
select subject, source, sequence from seen
where (subject, source) in (select * from unnest($1::text[], $2::text[]))
"""

REMEMBER: Final = """
insert into seen as s (subject, source, sequence) select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (subject, source) do update set sequence = excluded.sequence where s.sequence < excluded.sequence
"""


async def deduplicate(connection: Connection, group: str, records: Sequence[Record]) -> list[Record]:
    """The records not seen before; remembers them in the same transaction.

    A replayed dead letter passes for the group it is meant for, whatever came after it, and for no other.
    """
    latest: dict[tuple[str, str], int] = {}
    key_of = [_key(record) for record in records]
    keys = sorted({key for key in key_of if key})
    if keys:
        rows = await connection.fetch(LATEST, [subject for subject, _ in keys], [source for _, source in keys])
        latest = {(row["subject"], row["source"]): row["sequence"] for row in rows}
    fresh = []
    advanced: dict[tuple[str, str], int] = {}
    for record, key in zip(records, key_of, strict=True):
        if meant_for := record.replay_for:
            if meant_for == group:
                fresh.append(record)
            else:
                metrics.PASSED_OVER_REPLAYS.labels(record.topic).inc()
            continue
        if key is None:
            fresh.append(record)
            continue
        assert record.envelope is not None
        assert record.envelope.sequence is not None
        if record.envelope.sequence > latest.get(key, -1):
            latest[key] = advanced[key] = record.envelope.sequence
            fresh.append(record)
    if advanced:
        changed = sorted(advanced)
        await connection.execute(
            REMEMBER, [key[0] for key in changed], [key[1] for key in changed], [advanced[key] for key in changed]
        )
    return fresh


def _key(record: Record) -> tuple[str, str] | None:
    envelope = record.envelope
    if record.topic not in SEQUENCED or envelope is None or envelope.sequence is None or envelope.subject is None:
        return None
    return envelope.subject, envelope.source
