"""The topics as they lie when all is over, read from the start as any outsider may."""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.bus.raw_batch import RawRecord
from shared.bus.tail import tail_of
from shared.contracts import topics
from shared.contracts.services import DEAD_LETTERS

Json = dict[str, Any]
Headers = Mapping[str, bytes | None]

READ: Final = (*(topic.name for topic in topics.ALL), *DEAD_LETTERS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. ``at``: seconds since 1970, by the broker's clock; ``verb``: ``opened``, empty for what is no event;
    ``digest``: of key, value and the attributes of the event; ``value``: None for what is no JSON object."""

    topic: str
    partition: int
    offset: int
    at: float
    key: str
    verb: str
    event_id: str
    source: str
    sequence: int
    value: Json | None
    digest: bytes
    raw: bytes | None = field(default=None, repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = field(default=(), repr=False)

    @property
    def told(self) -> Json:
        """The value of an event."""
        assert self.value is not None
        return self.value

    @property
    def ticket_id(self) -> str:
        """The ticket it is about; empty when it is about none."""
        return str((self.value or {}).get("ticket_id") or "")

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset} {self.verb} {self.key}"


def verb_of(headers: Headers) -> str:
    """``opened`` of ``support.ticket.opened.v1``."""
    parts = (headers.get("ce_type") or b"").decode("utf-8", "replace").split(".")
    return parts[2] if len(parts) == 4 else ""


async def read_log(servers: str) -> list[Entry]:
    """Every record of every topic, each partition in order. What nobody can read is none."""
    async with tail_of(servers, client_id="chaos") as tail:
        places = [place for of_topic in (await tail.partitions(READ)).values() for place in of_topic]
        found = tail.read(await tail.begins(places), await tail.ends(places))
        return [entry_of(one) async for one in found if isinstance(one, RawRecord)]


def entry_of(record: RawRecord) -> Entry:
    """A record as the invariants look at it; the bytes are kept where they matter."""
    headers = dict(record.headers)
    text = {name: (headers.get(name) or b"").decode("utf-8", "replace") for name in ("ce_id", "ce_source")}
    ours = record.topic in (topics.TICKET.name, topics.NOTICE.name)
    sequence = headers.get("ce_sequence") or b""
    keep = not ours or not text["ce_id"]
    return Entry(
        topic=sys.intern(record.topic),
        partition=record.partition,
        offset=record.offset,
        at=record.timestamp / 1000,
        key=(record.key or b"").decode("utf-8", "replace"),
        verb=sys.intern(verb_of(headers)),
        event_id=text["ce_id"],
        source=sys.intern(text["ce_source"]),
        sequence=int(sequence) if sequence.isdigit() else -1,
        value=_json(record.value),
        digest=_digest(record),
        raw=record.value if keep else None,
        headers=tuple(record.headers) if keep else (),
    )


def events(entries: Iterable[Entry], topic: str) -> list[Entry]:
    """The events our services wrote on a topic, each once, where it stood first."""
    known: set[str] = set()
    found = []
    for entry in entries:
        if entry.topic == topic and entry.source and entry.event_id not in known:
            known.add(entry.event_id)
            found.append(entry)
    return found


def by_ticket(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Events by ticket, in order."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.ticket_id, []).append(entry)
    return found


def _json(value: bytes | None) -> Json | None:
    try:
        found = json.loads(value or b"null")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _digest(record: RawRecord) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in (record.key, record.value, *(value for name, value in record.headers if name.startswith("ce_"))):
        digest.update(b"\0" if part is None else b"\1" + len(part).to_bytes(4) + part)
    return digest.digest()
