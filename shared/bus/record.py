"""One record of a batch: its place, its bytes, and the event in them, or why there is none."""

import functools
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeVar

from aiokafka import ConsumerRecord, TopicPartition

from shared.bus.raw_batch import RawRecord
from shared.bus.reading import UnusableBatch
from shared.bus.writers import OURS, from_its_writer
from shared.contracts import registry, topics
from shared.contracts.envelope import REPLAY_FOR, Envelope, UndecodableError, decode, type_in_headers
from shared.contracts.model import Fact, is_identifier
from shared.contracts.services import GROUPS
from shared.contracts.tickets import TicketEvent
from shared.security.tags import EventTags

F = TypeVar("F", bound=Fact)
P = TypeVar("P")

BATCH_BEGIN: Final = "batch_begin"
BATCH_END: Final = "batch_end"
BATCH_BYTES: Final = "batch_bytes"
BATCH_SHA256: Final = "batch_sha256"
BATCH_HEADERS: Final = (BATCH_BEGIN, BATCH_END, BATCH_BYTES, BATCH_SHA256)
"""Headers of the dead letter of a batch that cannot be read: its first offset, the one behind it, size and hash."""

DLQ_TOPIC: Final = "dlq_topic"
DLQ_GROUP: Final = "dlq_group"
"""Of a dead letter, and of its replay: the topic the record came from, and the group that gave up on it."""

COMPACTED = frozenset(topic.name for topic in topics.ALL if topic.compacted)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it lay on Kafka; ``timestamp`` is the one Kafka keeps, in milliseconds since 1970.

    Exactly one of these holds: an ``event``, an ``error``, or neither: a tombstone of a compacted topic, an event of
    a type this version does not know, or one this service passes over, which then has no envelope either.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int
    envelope: Envelope | None
    event: Fact | None
    error: UndecodableError | None

    @property
    def place(self) -> TopicPartition:
        """Topic and partition."""
        return _place(self.topic, self.partition)

    @property
    def name(self) -> str:
        """Where the record is, for people: ``topic[partition]@offset``."""
        return f"{self.topic}[{self.partition}]@{self.offset}"

    @property
    def cause(self) -> str:
        """The identity of the event, from which the ids of its effects derive."""
        return self.envelope.id if self.envelope else self.name

    @property
    def key_text(self) -> str:
        """The key as text, for tombstones of reference data."""
        return (self.key or b"").decode("utf-8", "replace")

    @property
    def is_tombstone(self) -> bool:
        """A null on a compacted topic: what the key names is gone."""
        return self.value is None and self.topic in COMPACTED

    @property
    def replay_for(self) -> str:
        """The group a replayed dead letter is meant for; empty for every ordinary record.

        Anybody can write one header. So it means something only beside those that say which letter it was: of this
        topic, of that group, and of a group that reads this topic. Whoever forges all of them is heard by that one.
        """
        named = next((value for name, value in self.headers if name == REPLAY_FOR and value), b"")
        if not named or not {(DLQ_TOPIC, self.topic.encode()), (DLQ_GROUP, named)} <= set(self.headers):
            return ""
        group = named.decode("utf-8", "replace")
        return group if self.topic in map(str, GROUPS.get(group, ())) else ""


_place = functools.cache(TopicPartition)
"""There are few, and they are asked for several times for every record."""


def types_not_subscribed_to(subscribes_to: Collection[type[TicketEvent]]) -> frozenset[bytes]:
    """The types of all events of tickets but those of ``subscribes_to``; none when that names none."""
    if not subscribes_to:
        return frozenset()
    tickets = (one for one in registry.EVENT_TYPES if one.topic is topics.TICKET)
    return frozenset(one.name.encode() for one in tickets if one.model not in subscribes_to)


def read(
    raw: RawRecord | ConsumerRecord, ignored_types: Collection[bytes] = frozenset(), tags: EventTags | None = None
) -> Record:
    """Decodes one record by itself, so that a bad one is one dead letter. Never raises.

    An event of a ticket whose type is one of ``ignored_types`` is passed over, right or wrong. With ``tags``, what lies
    on our own topics and is not from its writer is as bad as what cannot be read.
    """
    headers = tuple(raw.headers)
    envelope, event, error = None, None, None
    is_tombstone = raw.value is None and raw.topic in COMPACTED
    is_ignored = ignored_types and raw.topic == topics.TICKET.name and type_in_headers(headers) in ignored_types
    if is_tombstone:
        error = _unusable_key(raw.key)
    elif not is_ignored:
        try:
            fallback = f"{raw.topic}/{raw.partition}/{raw.offset}"
            decoded = decode(raw.topic, headers, raw.value, fallback_id=fallback)
            if tags is not None and raw.topic in OURS:
                decoded = from_its_writer(
                    decoded, topic=raw.topic, key=raw.key, value=raw.value or b"", headers=headers, tags=tags
                )
            envelope, event = decoded.envelope, decoded.event
        except UndecodableError as problem:
            error = problem
    return Record(
        raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers, raw.timestamp, envelope, event, error
    )


def _unusable_key(key: bytes | None) -> UndecodableError | None:
    """Why the key of a tombstone names nothing: what cannot be an id would, replaced, be that of something else."""
    try:
        usable = is_identifier((key or b"").decode())
    except UnicodeDecodeError:
        usable = False
    told = "the key is to name what is gone: 1 to 200 characters in UTF-8, none of them NUL"
    return None if usable else UndecodableError("bad_key", told)


def unusable(batch: UnusableBatch) -> Record:
    """For the dead letters: what is known of a batch instead of its bytes, which lie where its headers say."""
    message = f"the batch at offset {batch.begin} of {batch.size:,} bytes cannot be read: {batch.message}"
    known = (batch.begin, batch.end, batch.size, batch.sha256)
    headers = tuple((name, str(one).encode()) for name, one in zip(BATCH_HEADERS, known, strict=True))
    error = UndecodableError(batch.reason, message)
    topic, partition = batch.place
    return Record(topic, partition, batch.offset, None, None, headers, int(time.time() * 1000), None, None, error)


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one unit of work, in the order of their partitions. Duplicates and bad ones are already out."""

    records: tuple[Record, ...]
    results: tuple[object, ...] = ()
    """What was prepared for some of them (`shared.bus.preparing`), in the same order."""

    def of(self, *models: type[F]) -> list[tuple[Record, F]]:
        """The records that carry one of these events, in order."""
        return [(record, record.event) for record in self.records if isinstance(record.event, models)]

    def prepared(self, model: type[P]) -> list[P]:
        """What was prepared of this kind, in order."""
        return [result for result in self.results if isinstance(result, model)]
