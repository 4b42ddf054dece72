"""A dead letter as it lies on its topic. Pure: one record in, one letter or marker out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cli.asker import signed
from shared.bus.dead_letters import (
    DLQ_ATTEMPTS,
    DLQ_FAILED_AT,
    DLQ_HEADERS,
    DLQ_MESSAGE,
    DLQ_NAMES,
    DLQ_OFFSET,
    DLQ_PARTITION,
    DLQ_REASON,
    LEFT_OUT,
)
from shared.bus.header_names import Header, restored
from shared.bus.publisher import Outgoing
from shared.bus.record import BATCH_HEADERS, DLQ_GROUP, DLQ_TOPIC
from shared.bus.skipping import SKIP
from shared.contracts.envelope import REPLAY_FOR, envelope_of
from shared.security.tags import REPLAY_TAG, TAG, EventTags

DLQ_REPLAYED: Final = "dlq_replayed"
"""On a marker: `<partition>/<offset>` of the letter that was replayed; ``dlq_replayed_at`` says when."""
DLQ_REPLAYED_AT: Final = "dlq_replayed_at"

DLQ_SHOWN: Final = "dlq_shown"
"""On a marker: `<partition>/<offset>` of the letter shown in clear; ``_at``, ``_by``, ``_why`` say the rest."""

_REPLAY: Final = (DLQ_TOPIC, DLQ_GROUP, REPLAY_FOR)
"""The headers of a replay, behind the record's own."""

_ID = re.compile(r"(?:(?P<topic>[^/]+)/)?(?P<partition>\d{1,6})/(?P<offset>\d{1,18})")


@dataclass(frozen=True, slots=True, order=True)
class LetterId:
    """Where a letter lies; written `<dlq topic>/<partition>/<offset>`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, written: str) -> "LetterId | None":
        """The id, with an empty topic for the short form `<partition>/<offset>`; None when it is neither."""
        found = _ID.fullmatch(written.strip())
        return cls(found["topic"] or "", int(found["partition"]), int(found["offset"])) if found else None

    def means(self, other: "LetterId") -> bool:
        """Whether this, perhaps short, names ``other``."""
        return (self.partition, self.offset) == (other.partition, other.offset) and self.topic in ("", other.topic)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record somebody gave up on. ``key``, ``value`` and ``headers`` are its own, byte for byte."""

    id: LetterId
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    topic: str
    partition: int
    offset: int
    group: str
    reason: str
    message: str
    attempts: int
    failed_at: datetime
    replayed_at: datetime | None = None
    replayed_by: str = ""
    shown: "tuple[ShownMarker, ...]" = ()

    @property
    def is_whole(self) -> bool:
        """Whether this is all of a record: not the beginning of one too large, nor the place of an unreadable batch."""
        return self._of_the_record() == self.headers

    def replayed(self, value: bytes | None, tags: EventTags | None = None) -> Outgoing:
        """The record for its own topic and partition again, with ``value``, meant for the group that gave up alone.

        ``tags``: says of an event of ours that an operator sends it. One with another value is tagged anew.
        """
        own = self._of_the_record()
        if _names(own[-len(_REPLAY) :]) == _REPLAY:  # it was replayed before, and failed again
            own = own[: -len(_REPLAY)]
        own = tuple(header for header in own if header[0] not in (REPLAY_FOR, REPLAY_TAG))
        group, tag = self.group.encode(), dict(own).get(TAG)
        if tags is not None and tag is not None:
            if value != self.value:
                own = tuple(header for header in own if header[0] != TAG)
                tag = tags.tag(self.topic, self.key, value, envelope_of(own))
                own = (*own, (TAG, tag))
            own = (*own, (REPLAY_TAG, tags.replay_tag(tag, group)))
        mark = zip(_REPLAY, (self.topic.encode(), group, group), strict=True)
        return Outgoing(self.topic, self.partition, self.key, value, (*own, *mark))

    def _of_the_record(self) -> tuple[Header, ...]:
        """The headers without what the bus says of a record, or of a batch, that it did not keep."""
        if _names(self.headers) == BATCH_HEADERS:
            return ()
        left_out = _names(self.headers[-len(LEFT_OUT) :]) == LEFT_OUT
        return self.headers[: -len(LEFT_OUT)] if left_out else self.headers

    def marker(self, at: datetime, *, by: str) -> Outgoing:
        """The record that tells readers of the dead-letter topic that this letter was replayed, and by whom."""
        return self._marker(DLQ_REPLAYED, at, by=by)

    def shown_marker(self, at: datetime, *, by: str, why: str = "") -> Outgoing:
        """The record that tells them that somebody was shown all of this letter in clear."""
        return self._marker(DLQ_SHOWN, at, by=by, why=why)

    def _marker(self, what: str, at: datetime, *, by: str, why: str = "") -> Outgoing:
        place = f"{self.id.partition}/{self.id.offset}".encode()
        headers = ((what, place), (f"{what}_at", at.isoformat().encode()), *signed(by=by, why=why, prefix=what))
        return Outgoing(self.id.topic, self.id.partition, self.key, None, headers)


@dataclass(frozen=True, slots=True)
class ReplayMarker:
    """Says that the letter ``of`` was replayed ``at``. ``by`` is empty in those of earlier releases."""

    of: LetterId
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, order=True)
class ShownMarker:
    """Says that the letter ``of`` was shown in clear ``at``, ``by`` whom it was asked, and ``why``."""

    at: datetime
    of: LetterId
    by: str
    why: str


def parse_letter(
    place: LetterId, key: bytes | None, value: bytes | None, headers: Sequence[Header], timestamp: int
) -> DeadLetter | ReplayMarker | ShownMarker | None:
    """Reads a record of a dead-letter topic; None for a wish that a service steps over what it cannot read.

    ``timestamp`` in milliseconds stands in for a missing time.

    What the bus says stands at the end of the headers; whatever the record itself carried before it, even by the same
    names, is left as it was.
    """
    own = tuple(headers)
    if tuple(name for name, _ in own[-len(DLQ_HEADERS) :]) == DLQ_HEADERS:
        own, told = _under_their_names(own[: -len(DLQ_HEADERS)]), _texts(own[-len(DLQ_HEADERS) :])
    elif value is None and (of := LetterId.parse(_texts(own).get(DLQ_REPLAYED, ""))):
        said = _texts(own)
        at = _time(said.get(DLQ_REPLAYED_AT, ""), timestamp)
        return ReplayMarker(LetterId(place.topic, of.partition, of.offset), at, said.get(f"{DLQ_REPLAYED}_by", ""))
    elif value is None and (of := LetterId.parse(_texts(own).get(DLQ_SHOWN, ""))):
        said = _texts(own)
        at = _time(said.get(f"{DLQ_SHOWN}_at", ""), timestamp)
        by, why = said.get(f"{DLQ_SHOWN}_by", ""), said.get(f"{DLQ_SHOWN}_why", "")
        return ShownMarker(at, LetterId(place.topic, of.partition, of.offset), by, why)
    elif value is None and SKIP in _texts(own):
        return None
    else:
        told = _texts(own)
        own = tuple(header for header in own if header[0] not in DLQ_HEADERS)
    topic, _, group = place.topic.removesuffix(".dlq").rpartition(".")
    return DeadLetter(
        id=place,
        key=key,
        value=value,
        headers=own,
        topic=told.get(DLQ_TOPIC) or topic,
        partition=_number(told.get(DLQ_PARTITION), place.partition),
        offset=_number(told.get(DLQ_OFFSET), -1),
        group=told.get(DLQ_GROUP) or group,
        reason=told.get(DLQ_REASON, ""),
        message=told.get(DLQ_MESSAGE, ""),
        attempts=_number(told.get(DLQ_ATTEMPTS), 0),
        failed_at=_time(told.get(DLQ_FAILED_AT, ""), timestamp),
    )


def _under_their_names(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """The record's own headers, and those of what was left out, behind which nothing says any more what they were."""
    own: tuple[Header, ...] = headers
    left_out: tuple[Header, ...] = ()
    if _names(headers[-len(LEFT_OUT) :]) == LEFT_OUT:
        own, left_out = headers[: -len(LEFT_OUT)], headers[-len(LEFT_OUT) :]
    if _names(own[-1:]) == (DLQ_NAMES,):
        own = restored(own[:-1], own[-1][1])
    return (*own, *left_out)


def _names(headers: Sequence[Header]) -> tuple[str, ...]:
    return tuple(name for name, _ in headers)


def _texts(headers: Sequence[Header]) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in headers if value is not None}


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else otherwise


def _time(text: str, timestamp: int) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
