"""What ours did with some contacts: every row it wrote and every event it said, for the bare loop to do again.

The bare loop decides nothing, so somebody has to have decided before: this is read from ours' tables and topics.
"""

import json
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
from aiokafka import ConsumerRecord

from shared.database.pool import open_pool

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """An event as it lay on Kafka."""

    key: bytes
    value: Row
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(slots=True)
class Life:
    """One contact and the ticket it opened: the rows of every service, and the events by verb."""

    ticket_id: UUID
    intake_ticket: Row
    contact: Row
    sla_ticket: Row = field(default_factory=dict)
    sla_timers: list[Row] = field(default_factory=list)
    routing_ticket: Row = field(default_factory=dict)
    routing_timers: list[Row] = field(default_factory=list)
    notify_ticket: Row = field(default_factory=dict)
    intents: list[Row] = field(default_factory=list)
    spoken: dict[str, list[Spoken]] = field(default_factory=dict)


@dataclass(slots=True)
class Recording:
    """Lives by the id of their contact, and by the id of their ticket as it stands on Kafka."""

    by_contact: dict[str, Life]
    by_ticket: dict[str, Life]

    @classmethod
    def load(cls, path: Path) -> "Recording":
        """What ``save`` wrote. The file is this run's own."""
        return cls(**pickle.loads(path.read_bytes()))  # noqa: S301 - written by this run

    def save(self, path: Path) -> None:
        """For other processes of this run."""
        path.write_bytes(pickle.dumps({"by_contact": self.by_contact, "by_ticket": self.by_ticket}))


TABLES: Final = {
    "intake": ("ticket", "contact"),
    "sla": ("ticket", "timer"),
    "routing": ("ticket", "timer"),
    "notify": ("ticket", "intent"),
}
"""What the baselines need to know of what ours did."""


async def record(url: str, said: Iterable[tuple[str, ConsumerRecord]]) -> Recording:
    """Reads the tables of ours, and takes over what was read of its topics."""
    rows = {schema: await _rows(url, schema, tables) for schema, tables in TABLES.items()}
    tickets = {row["ticket_id"]: row for row in rows["intake"]["ticket"]}
    lives = {
        str(row["ticket_id"]): Life(row["ticket_id"], tickets[row["ticket_id"]], row)
        for row in rows["intake"]["contact"]
    }
    for schema, table, name in (
        ("sla", "ticket", "sla_ticket"),
        ("routing", "ticket", "routing_ticket"),
        ("notify", "ticket", "notify_ticket"),
    ):
        for row in rows[schema][table]:
            setattr(lives[str(row["ticket_id"])], name, row)
    for schema, table, name in (
        ("sla", "timer", "sla_timers"),
        ("routing", "timer", "routing_timers"),
        ("notify", "intent", "intents"),
    ):
        for row in rows[schema][table]:
            getattr(lives[str(row["ticket_id"])], name).append(row)
    for verb, one in said:
        life = lives.get((one.key or b"").decode())
        if life is not None:
            spoken = Spoken(one.key, json.loads(one.value), tuple(one.headers))
            life.spoken.setdefault("notice" if verb.startswith("notice.") else verb, []).append(spoken)
    return Recording({life.contact["contact_id"]: life for life in lives.values()}, lives)


async def _rows(url: str, schema: str, tables: Iterable[str]) -> Mapping[str, list[Row]]:
    pool: asyncpg.Pool = await open_pool(url, schema=schema, connections=2, application="kefu-bench")
    try:
        return {table: [dict(row) for row in await pool.fetch(f"select * from {table}")] for table in tables}
    finally:
        await pool.close()
