"""Dead letters: the record byte for byte, and why. And the limit that stops a consumer when too much fails."""

from datetime import datetime
from typing import Final

from shared.bus.failures import HaltedError, describe
from shared.bus.publisher import Outgoing
from shared.bus.record import Record
from shared.contracts import topics

DLQ_TOPIC: Final = "dlq_topic"
DLQ_PARTITION: Final = "dlq_partition"
DLQ_OFFSET: Final = "dlq_offset"
DLQ_GROUP: Final = "dlq_group"
DLQ_REASON: Final = "dlq_exception"
DLQ_MESSAGE: Final = "dlq_message"
DLQ_ATTEMPTS: Final = "dlq_attempts"
DLQ_FAILED_AT: Final = "dlq_failed_at"
DLQ_LEFT_OUT: Final = "dlq_left_out"
DLQ_HEADERS: Final = (
    *(DLQ_TOPIC, DLQ_PARTITION, DLQ_OFFSET, DLQ_GROUP),
    *(DLQ_REASON, DLQ_MESSAGE, DLQ_ATTEMPTS, DLQ_FAILED_AT),
)

MAX_LETTER_BYTES: Final = 2 * topics.MAX_RECORD_BYTES - 64 * 1024
"""What a dead-letter topic takes, less the headers we add. A compressed record may hold any amount more."""

_MAX_MESSAGE = 1000


def dead_letter(record: Record, *, group: str, reason: str, message: str, attempts: int, at: datetime) -> Outgoing:
    """The record as it came (key, value and headers byte for byte), with ``dlq_*`` headers (UTF-8) behind its own.

    One too large for any topic is left out, with its size in ``dlq_left_out``: it still lies where the headers say.
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
    topic, size = topics.dead_letter_topic(record.topic, group), _size(record)
    if size > MAX_LETTER_BYTES:
        told[DLQ_LEFT_OUT] = str(size)
    added = tuple((name, text.encode("utf-8", "replace")) for name, text in told.items())
    if size > MAX_LETTER_BYTES:
        return Outgoing(topic, record.partition, None, None, added)
    # the outbox holds names as text, which knows no NUL; their values stay as they are
    headers = tuple((name.replace("\0", "\ufffd"), value) for name, value in record.headers)
    return Outgoing(topic, record.partition, record.key, record.value, (*headers, *added))


def _size(record: Record) -> int:
    headers = sum(len(name.encode("utf-8", "replace")) + len(value or b"") + 10 for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


class DeadLetterLimit:
    """Counts the records that failed in the handler without one succeeding in between.

    Bad input does not count: a hostile channel must not be able to stop a service. A bad deploy must.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._in_a_row = 0

    def failed(self, record: Record, error: BaseException) -> None:
        """One more record failed. Raises HaltedError once there are more than the limit."""
        self._in_a_row += 1
        if self._in_a_row > self._most:
            raise HaltedError(
                f"{self._in_a_row} records in a row failed, the last one {record.name} with "
                f"{type(error).__name__}: {describe(error)}. Mend the cause and restart; nothing of them is lost."
            )

    def succeeded(self) -> None:
        """A record was handled."""
        self._in_a_row = 0
