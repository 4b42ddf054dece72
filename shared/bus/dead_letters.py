"""Dead letters: the record byte for byte, and why."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from shared.bus.header_names import Header, exactly, readable
from shared.bus.publisher import Outgoing, beside
from shared.bus.record import DLQ_GROUP, DLQ_TOPIC, Record
from shared.contracts import topics

DLQ_PARTITION: Final = "dlq_partition"
DLQ_OFFSET: Final = "dlq_offset"
DLQ_REASON: Final = "dlq_exception"
DLQ_MESSAGE: Final = "dlq_message"
DLQ_ATTEMPTS: Final = "dlq_attempts"
DLQ_FAILED_AT: Final = "dlq_failed_at"
DLQ_NAMES: Final = "dlq_header_names"
"""Of a letter some of whose names are not those of the record: what those are (`header_names.py`)."""

DLQ_LEFT_OUT: Final = "dlq_left_out"
DLQ_SHA256: Final = "dlq_sha256"
LEFT_OUT: Final = (DLQ_LEFT_OUT, DLQ_SHA256)
"""Headers of a letter that is not the whole record, before the following."""

DLQ_HEADERS: Final = (
    *(DLQ_TOPIC, DLQ_PARTITION, DLQ_OFFSET, DLQ_GROUP),
    *(DLQ_REASON, DLQ_MESSAGE, DLQ_ATTEMPTS, DLQ_FAILED_AT),
)

MAX_KEY_AND_HEADERS: Final = 256 * 1024
"""Bytes of key and headers that a letter holds beside a value of any size a service reads."""

MAX_SHOWN_BYTES: Final = 64 * 1024
"""What a letter holds of a value, or of a key, when it does not hold all of the record."""

_MAX_MESSAGE = 1000


def dead_letter(
    record: Record, *, group: str, reason: str, message: str, attempts: int, at: datetime, whole: bool = True
) -> Outgoing:
    """The record as it came (key, value and headers byte for byte), with ``dlq_*`` headers (UTF-8) behind its own.
    Names of headers that are no text are written as text, and ``dlq_header_names`` says what they were.

    One that no service would have read, for its size, is told apart and not kept: the beginning of key and value, its
    own headers unless they are what is large, the size of all in ``dlq_left_out``, the hash of the value in
    ``dlq_sha256``. It lies where the headers say. Compressed,
    it cost its sender next to nothing. ``whole=False``: nothing of the record is kept but its place.
    """
    told = {
        DLQ_TOPIC: record.topic,
        DLQ_PARTITION: str(record.partition),
        DLQ_OFFSET: str(record.offset),
        DLQ_GROUP: group,
        DLQ_REASON: reason,
        DLQ_MESSAGE: message[:_MAX_MESSAGE],
        DLQ_ATTEMPTS: str(attempts),
        DLQ_FAILED_AT: at.isoformat(),
    }
    key, value = record.key, record.value
    headers, around = record.headers, len(key or b"") + _size(record.headers)
    if around <= MAX_KEY_AND_HEADERS:  # a quarter of a million names are not written anew only to be left out
        headers = _readable(headers)
        around = len(key or b"") + _size(headers)
    if not whole or len(value or b"") > topics.MAX_VALUE_BYTES or around > MAX_KEY_AND_HEADERS:
        shown = MAX_SHOWN_BYTES if whole else 0
        left_out = {
            DLQ_LEFT_OUT: str(around + len(value or b"")),
            DLQ_SHA256: hashlib.sha256(value or b"").hexdigest(),
        }
        told = left_out | told
        key, value = key and key[:shown], value and value[:shown]
        if not whole or around > MAX_KEY_AND_HEADERS:
            headers = ()
    added = tuple((name, text.encode("utf-8", "replace")) for name, text in told.items())
    letters = topics.dead_letter_topic(record.topic, group)
    return Outgoing(letters, beside(record.partition), key, value, (*headers, *added))


def _readable(headers: Sequence[Header]) -> tuple[Header, ...]:
    """With names that the outbox holds as text and anybody can read; which they were is told behind them."""
    told = tuple((readable(name), content) for name, content in headers)
    if any(name == DLQ_NAMES or name != own for (own, _), (name, _) in zip(headers, told, strict=True)):
        told = (*told, (DLQ_NAMES, exactly(headers)))
    return told


def _size(headers: Sequence[Header]) -> int:
    """About how many bytes they are on Kafka."""
    return sum(len(name.encode("utf-8", "surrogateescape")) + len(content or b"") + 10 for name, content in headers)
