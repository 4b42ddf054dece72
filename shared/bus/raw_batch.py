"""Record batches (format 2) as they lie in the log: taken apart, checked, and read whole or not at all.

Two things may be wrong with one, and they are not the same. *Damaged*: it is not what the broker once took, by its
checksum or its frame; reading it again may help, and nobody knows what was in it. *Unusable*: it is what its writer
sent, and no more readable for being fetched again.

Source: https://kafka.apache.org/documentation/#recordbatch
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c, decode_varint

from shared.bus.header_names import Header, name_in
from shared.bus.inflate import CannotUnpackError, TooMuchError, inflate

MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a batch, unpacked: four times what a topic takes. Producers end theirs at 16 kB to 1 MB."""

MOST_RECORDS: Final = 50_000
MOST_HEADERS: Final = 250_000
"""Of all records of a batch together. Each is some hundred bytes of objects, however small it was."""

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
_FRAME: Final = struct.Struct(">qi")
_ATTRIBUTES: Final = struct.Struct(">h")
_ATTRIBUTES_AT: Final = 21
_MAGIC_AT: Final = 16
_CODEC: Final = 0x07
_LOG_APPEND_TIME: Final = 0x08
_CONTROL: Final = 0x20
_FAST_BYTES: Final = 1024 * 1024  # aiokafka's reader is six times as fast, but knows no limit of headers


class DamagedError(Exception):
    """The bytes are not what the broker took."""


class UnusableError(Exception):
    """The batch is what its writer sent, and cannot be read. ``reason`` is a short code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class RawRecord(NamedTuple):
    """One record. The names of its headers are as `header_names.py` reads them."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


@dataclass(frozen=True, slots=True)
class RawBatch:
    """A batch within its frame, not looked into yet: ``data`` from the base offset to its last byte."""

    data: memoryview

    @property
    def base(self) -> int:
        """Its first offset."""
        return int(_FRAME.unpack_from(self.data)[0])

    @property
    def end(self) -> int:
        """The offset behind its last. Trust it when ``check`` has passed."""
        return int(self.base + _HEADER.unpack_from(self.data)[6] + 1)

    @property
    def sha256(self) -> str:
        """Of all its bytes, to know it again by."""
        return hashlib.sha256(self.data).hexdigest()

    def check(self) -> None:
        """Raises DamagedError unless it is what the broker took."""
        magic = self.data[_MAGIC_AT]
        if magic != 2:
            raise DamagedError(f"a batch of format {magic}; only 2 is read")
        header = _HEADER.unpack_from(self.data)
        if calc_crc32c(self.data[_ATTRIBUTES_AT:]) != header[4]:
            raise DamagedError("its checksum is wrong")
        if header[6] < 0:
            raise DamagedError(f"it ends {-header[6]} offsets before it begins")

    def records(self, place: TopicPartition) -> list[RawRecord]:
        """Its records, which lie at ``place``; none for a marker of a transaction.

        Raises UnusableError when any of them cannot be read.
        """
        *_, attributes, _, _, _, _, _, _, count = _HEADER.unpack_from(self.data)
        if attributes & _CONTROL:
            return []
        if not 0 <= count <= MOST_RECORDS:
            raise UnusableError("too_large", f"it says it holds {count:,} records; at most {MOST_RECORDS:,} are read")
        plain = self._plain(attributes)
        try:
            found = (_read_fast if len(plain) <= _FAST_BYTES else _read_leniently)(plain, *place)
        except UnicodeDecodeError:
            found = _read_leniently(plain, *place)
        except CorruptRecordException as error:
            raise UnusableError("unreadable", str(error)) from error
        at = self.base - 1
        for record in found:
            if not at < record.offset < self.end:
                raise UnusableError("unreadable", f"offset {record.offset} stands where it cannot")
            at = record.offset
        return found

    def _plain(self, attributes: int) -> bytes:
        """The same batch, uncompressed. Its checksum is not made anew."""
        codec = attributes & _CODEC
        if not codec:
            return bytes(self.data)
        try:
            body = inflate(codec, bytes(self.data[_HEADER.size :]), most=MOST_BYTES)
        except TooMuchError as error:
            raise UnusableError("too_large", f"unpacked it has more than {MOST_BYTES:,} bytes") from error
        except CannotUnpackError as error:
            raise UnusableError("unreadable", str(error)) from error
        header = bytearray(self.data[: _HEADER.size])
        _ATTRIBUTES.pack_into(header, _ATTRIBUTES_AT, attributes & ~_CODEC)
        return bytes(header) + body


def split(data: bytes) -> Iterator[RawBatch]:
    """The whole batches at the beginning of ``data``. The last may be cut off, which is how Kafka answers.

    Raises DamagedError where there can be no batch, and when not even the first is whole.
    """
    view, at = memoryview(data), 0
    while len(view) - at >= _FRAME.size:
        base, length = _FRAME.unpack_from(view, at)
        if base < 0 or length < _HEADER.size - _FRAME.size:
            raise DamagedError(f"a batch at offset {base} that has {length} bytes")
        end = at + _FRAME.size + length
        if end > len(view):
            break
        yield RawBatch(view[at:end])
        at = end
    if at == 0 and data:
        raise DamagedError(f"{len(data)} bytes are no whole batch")


def _read_fast(plain: bytes, topic: str, partition: int) -> list[RawRecord]:
    return [
        RawRecord(topic, partition, record.offset, record.timestamp, record.key, record.value, record.headers)
        for record in DefaultRecordBatch(plain)
    ]


def _read_leniently(plain: bytes, topic: str, partition: int) -> list[RawRecord]:
    base, _, _, _, _, attributes, _, first, latest, _, _, _, count = _HEADER.unpack_from(plain)
    reading, found, headers = _Reading(plain, _HEADER.size), [], 0
    try:
        for _ in range(count):
            end = reading.number() + reading.at
            reading.take(1)  # attributes, of which there are none yet
            time, offset = first + reading.number(), base + reading.number()
            time = latest if attributes & _LOG_APPEND_TIME else time
            own: list[Header] = []
            record = RawRecord(topic, partition, offset, time, reading.nullable(), reading.nullable(), own)
            headers += (expected := reading.number())
            if headers > MOST_HEADERS:
                raise UnusableError("too_large", f"its records say they have more than {MOST_HEADERS:,} headers")
            if expected < 0:
                raise UnusableError("unreadable", f"a record says it has {expected} headers")
            for _ in range(expected):
                name = name_in(reading.take(reading.number()))
                own.append((name, reading.nullable()))
            if reading.at != end:
                raise UnusableError("unreadable", f"a record says it ends at byte {end}, and ends at {reading.at}")
            found.append(record)
    except ValueError as error:
        raise UnusableError("unreadable", f"a record goes on behind the end: {error}") from error
    if reading.at != len(plain):
        raise UnusableError("unreadable", f"{len(plain) - reading.at} bytes behind the last record")
    return found


class _Reading:
    """Where somebody has come to in some bytes."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def number(self) -> int:
        if self.at >= len(self.data):  # aiokafka's own function looks behind the end
            raise ValueError("a number where nothing is left")
        value, self.at = decode_varint(self.data, self.at)
        return int(value)

    def take(self, size: int) -> bytes:
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise ValueError(f"{size} bytes where {len(self.data) - self.at} are left")
        self.at, begin = end, self.at
        return self.data[begin:end]

    def nullable(self) -> bytes | None:
        size = self.number()
        return None if size < 0 else self.take(size)
