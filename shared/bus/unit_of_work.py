"""One unit of work: a transaction, its time, and what it wants to say."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from shared.bus import outbox
from shared.bus.dead_letters import dead_letter
from shared.bus.errors import RecordRefusedError
from shared.bus.publisher import MAX_EVENT_BYTES, Outgoing, partition_of
from shared.bus.record import Record
from shared.contracts.envelope import Envelope, encode
from shared.contracts.ids import derived_id
from shared.contracts.model import Fact
from shared.contracts.registry import BY_MODEL
from shared.database.connection import Connection
from shared.telemetry import metrics


class NotTheWriterError(Exception):
    """A service tried to write an event type that belongs to another."""


TOO_LARGE: Final = "effect_too_large"
"""The code of a record whose effect would be larger than what its readers take."""


class EventTooLargeError(Exception):
    """An event that no record caused would be larger than what its readers take."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Why a record is refused before any handler sees it. ``whole``: its bytes go along into the dead letter."""

    reason: str
    message: str
    attempts: int
    whole: bool = True


NOBODY: Final[Mapping[str, GivenUp]] = MappingProxyType({})


class UnitOfWork:
    """What a handler gets: ``connection`` inside the transaction, ``now`` by the database's clock, and a voice.

    Nothing of it is visible to anybody before the transaction commits; then all of it is.
    """

    def __init__(
        self, service: str, connection: Connection, now: datetime, given_up: Mapping[str, GivenUp] = NOBODY
    ) -> None:
        self.service = service
        self._given_up = given_up
        self.connection = connection
        self.now = now
        self._refused: list[tuple[Record, str]] = []
        self._after_commit: list[Callable[[], None]] = []
        self._outgoing: list[Outgoing] = []
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def emit(self, event: Fact, *, key: str, cause: Record | str) -> str:
        """Says ``event`` once the transaction is committed. Returns its id, which derives from the cause.

        ``cause`` is the record that led to it, or a name of what did (a timer, for example), unique for that effect.
        """
        event_type = BY_MODEL[type(event)]
        if event_type.writer != self.service:
            raise NotTheWriterError(f"{event_type.name} is written by {event_type.writer}, not by {self.service}")
        name, trace = (cause, None) if isinstance(cause, str) else (cause.cause, _traceparent(cause))
        self._counts[name, event_type.name, key] += 1
        effect = f"{event_type.name}/{key}/{self._counts[name, event_type.name, key]}"
        event_id = str(derived_id(f"{self.service}/{name}", effect, self.now))
        value = encode(event)
        if len(value) > MAX_EVENT_BYTES:
            told = f"it would lead to a {event_type.name} of {len(value):,} bytes; at most {MAX_EVENT_BYTES:,} are read"
            raise (
                EventTooLargeError(told) if isinstance(cause, str) else RecordRefusedError(cause.name, TOO_LARGE, told)
            )
        envelope = Envelope(event_id, f"/kefu/{self.service}", event_type.name, self.now, key, traceparent=trace)
        raw_key = key.encode()
        self._outgoing.append(
            Outgoing(
                event_type.topic.name,
                partition_of(raw_key),
                raw_key,
                value,
                tuple(envelope.headers()),
                sequenced=True,
            )
        )
        return event_id

    def why_given_up(self, record: Record) -> GivenUp | None:
        """Why an earlier try of this work gave up on this record; None when none did. For one that was kept."""
        return self._given_up.get(record.name)

    def is_turned_away(self, record: Record) -> bool:
        """Whether an earlier try of this work gave up on this record. Then it is refused now; handle it no more."""
        if (known := self.why_given_up(record)) is None:
            return False
        self.refuse(record, known.reason, known.message, attempts=known.attempts, whole=known.whole)
        return True

    def refuse(self, record: Record, reason: str, message: str, *, attempts: int = 1, whole: bool = True) -> None:
        """Puts a record into the dead letters: it is understood but not allowed, or not understood.

        ``reason`` is a short code, ``message`` tells a person what is wrong and what would be right.
        """
        self._refused.append((record, reason))
        self._outgoing.append(
            dead_letter(
                record,
                group=self.service,
                reason=reason,
                message=message,
                attempts=attempts,
                at=self.now,
                whole=whole,
            )
        )

    def after_commit(self, call: Callable[[], None]) -> None:
        """Calls ``call`` once the transaction is committed, and not if it is rolled back: to wake a loop, to count.

        The process may die in between, so nothing that has to happen belongs here.
        """
        self._after_commit.append(call)

    def committed(self) -> None:
        """For the bus: the transaction is committed."""
        for record, reason in self._refused:
            metrics.DEAD_LETTERS.labels(record.topic, reason).inc()
        for call in self._after_commit:
            call()

    async def flush(self) -> frozenset[int]:
        """Writes all that was said to the outbox. Returns the lanes to publish after the commit."""
        await outbox.write(self.connection, self._outgoing)
        return frozenset(outbox.outbox_lane(record.topic, record.partition) for record in self._outgoing)


def _traceparent(record: Record) -> str | None:
    return record.envelope.traceparent if record.envelope else None
