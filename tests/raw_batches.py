"""Record batches as no client of ours writes them, and a way to put them on a broker that takes them.

``good``: a record of it is to be handled; all others are a dead letter at the most. What a broker refuses lies nowhere.
"""

import gzip
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import cramjam
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest

from tests.log_in_memory import a_batch, sealed

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
GBK_NAME: Final = "订单号".encode("gbk")
Header = tuple[bytes, bytes | None]
_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
_NOW: Final = 1_790_000_000_000


def varint(number: int) -> bytes:
    """A number as records write it."""
    left, written = (number << 1) ^ (number >> 63), bytearray()
    while True:
        left, low = left >> 7, left & 0x7F
        written.append(low | (0x80 if left else 0))
        if not left:
            return bytes(written)


def a_record(
    key: bytes | None,
    value: bytes | None,
    headers: list[Header],
    *,
    number: int = 0,
    short_by: int = 0,
    says_headers: int | None = None,
) -> bytes:
    """One record, which may say that it is shorter than it is, or has other headers than it has."""
    count = len(headers) if says_headers is None else says_headers
    body = b"\0" + varint(0) + varint(number) + _nullable(key) + _nullable(value) + varint(count)
    body += b"".join(varint(len(name)) + name + _nullable(content) for name, content in headers)
    return varint(len(body) - short_by) + body


def raw_batch(
    body: bytes,
    *,
    codec: int = 0,
    count: int = 1,
    last: int | None = None,
    magic: int = 2,
    attributes: int = 0,
    crc_off_by: int = 0,
) -> bytes:
    """A batch around some bytes, with what its header says."""
    header = _HEADER.pack(
        *(0, 0, 0, magic, 0, codec | attributes, count - 1 if last is None else last),
        *(_NOW, _NOW, -1, -1, -1, count),
    )
    batch = bytearray(sealed(header, body))
    batch[17] ^= crc_off_by
    return bytes(batch)


@dataclass(frozen=True, slots=True)
class Case:
    """A batch, and whether there is something in it to be handled."""

    batch: bytes
    good: bool = False


def corpus(key: bytes, honest: Callable[[int], bytes], headers: list[Header]) -> Iterator[tuple[str, Case]]:
    """All of them, each with a name. ``honest`` gives the value of a record that is to be handled, by number."""
    name, value = headers[0]
    plain = a_record(key, honest(0), headers)
    yield (
        "gzip, a record one byte too short",
        Case(raw_batch(gzip.compress(a_record(key, b"{}", headers, short_by=1)), codec=GZIP)),
    )
    yield "gzip, cut off", Case(raw_batch(gzip.compress(plain)[:-9], codec=GZIP))
    yield "garbage instead of gzip", Case(raw_batch(b"garbage" * 9, codec=GZIP))
    yield "garbage instead of snappy", Case(raw_batch(b"\xff" * 40, codec=SNAPPY))
    yield "garbage instead of lz4", Case(raw_batch(b"garbage" * 9, codec=LZ4))
    yield "garbage instead of zstd", Case(raw_batch(b"garbage" * 9, codec=ZSTD))
    for codec in (5, 6, 7):
        yield f"codec {codec}", Case(raw_batch(plain, codec=codec))
    for magic in (0, 1, 3, 127):
        yield f"format {magic}", Case(raw_batch(plain, magic=magic))
    yield "a wrong checksum", Case(raw_batch(plain, crc_off_by=1))
    yield "no record at all", Case(raw_batch(b"", count=0, last=0))
    yield "no record at all, compressed", Case(raw_batch(gzip.compress(b""), codec=GZIP, count=0, last=0))
    yield "fewer records than it says", Case(raw_batch(gzip.compress(plain), codec=GZIP, count=2))
    yield "more records than it says", Case(raw_batch(gzip.compress(plain * 2), codec=GZIP))
    yield "two billion records", Case(raw_batch(gzip.compress(plain), codec=GZIP, count=2**31 - 1))
    yield "a control batch of a client", Case(raw_batch(plain, attributes=0x20))
    yield "a header's name in GBK", Case(raw_batch(a_record(key, honest(1), [*headers, (GBK_NAME, b"1")])), good=True)
    yield (
        "a header's name in GBK, compressed",
        Case(raw_batch(gzip.compress(a_record(key, honest(2), [*headers, (GBK_NAME, None)])), codec=GZIP), good=True),
    )
    yield "an empty name of a header", Case(raw_batch(a_record(key, honest(3), [*headers, (b"", b"\xff")])), good=True)
    yield (
        "a NUL in the name of a header",
        Case(raw_batch(a_record(key, honest(4), [*headers, (b"a\0b", b"")])), good=True),
    )
    yield "half a character as a name", Case(raw_batch(a_record(key, b"{", [*headers, (b"\xe8\xae", b"\xff")])))
    yield "a surrogate as a name", Case(raw_batch(a_record(key, b"{", [*headers, (b"\xed\xa0\x80", b"\xff")])))
    yield "200,000 headers", Case(raw_batch(a_record(key, b"{", [(b"", None)] * 200_000)))
    yield (
        "300,000 headers, packed",
        Case(raw_batch(gzip.compress(a_record(key, b"{", [(b"", None)] * 300_000)), codec=GZIP)),
    )
    for says in (2**31 - 1, 2**62, -1):
        yield (
            f"{says} headers that are not there",
            Case(raw_batch(gzip.compress(a_record(key, b"{}", headers, says_headers=says)), codec=GZIP)),
        )
    yield "no key", Case(raw_batch(a_record(None, b"{", headers)))
    yield "no key, value or headers", Case(raw_batch(a_record(None, None, [])))
    yield (
        "an offset backwards",
        Case(
            raw_batch(gzip.compress(a_record(key, b"{", headers) + a_record(key, b"{", headers)), codec=GZIP, count=2)
        ),
    )
    yield (
        "gzip of two members",
        Case(
            raw_batch(
                gzip.compress(_half(a_record(key, honest(5), headers), 0))
                + gzip.compress(_half(a_record(key, honest(5), headers), 1)),
                codec=GZIP,
            ),
            good=True,
        ),
    )
    yield (
        "snappy without frames",
        Case(raw_batch(bytes(cramjam.snappy.compress_raw(a_record(key, honest(6), headers))), codec=SNAPPY), good=True),
    )
    yield (
        "snappy in xerial's frames",
        Case(raw_batch(_xerial(a_record(key, honest(7), headers)), codec=SNAPPY), good=True),
    )
    yield "lz4", Case(raw_batch(_lz4(a_record(key, honest(8), headers)), codec=LZ4), good=True)
    yield (
        "zstd",
        Case(raw_batch(bytes(cramjam.zstd.compress(a_record(key, honest(9), headers))), codec=ZSTD), good=True),
    )
    for number, codec in enumerate((0, GZIP, SNAPPY, LZ4, ZSTD)):
        content = (key, honest(10 + number), [(name.decode(), value)])
        yield f"aiokafka's own, codec {codec}", Case(a_batch([content], codec=codec), good=True)
    zeros = b"\0" * 1_000_000
    many = b"".join(a_record(key, zeros, [], number=number) for number in range(40))
    for codec, packed in (
        (GZIP, gzip.compress(many)),
        (LZ4, bytes(cramjam.lz4.compress(many))),
        (ZSTD, bytes(cramjam.zstd.compress(many))),
    ):
        yield f"40 MB of zeros, codec {codec}", Case(raw_batch(packed, codec=codec, count=40))
    small = b"".join(a_record(None, None, [], number=number) for number in range(200_000))
    yield "200,000 empty records", Case(raw_batch(gzip.compress(small), codec=GZIP, count=200_000))
    yield "a snappy block that says 4 GB", Case(raw_batch(b"\xff\xff\xff\xff\x0f\0", codec=SNAPPY))


async def put(servers: str, place: TopicPartition, batch: bytes) -> int | None:
    """Puts a batch at the end of a partition; returns its offset, or None when the broker refuses it."""
    client = AIOKafkaClient(bootstrap_servers=servers)
    await client.bootstrap()
    try:
        await client._wait_on_metadata(place.topic)
        leader = client.cluster.leader_for_partition(place)
        request = ProduceRequest(None, -1, 10_000, [(place.topic, [(place.partition, batch)])])
        ((_, ((_, code, offset, *_),)),) = (await client.send(leader, request)).topics
        return None if code else int(offset)
    finally:
        await client.close()


def _nullable(content: bytes | None) -> bytes:
    return varint(-1) if content is None else varint(len(content)) + content


def _half(content: bytes, which: int) -> bytes:
    middle = len(content) // 2
    return content[middle:] if which else content[:middle]


def _lz4(content: bytes) -> bytes:
    compressor = cramjam.lz4.Compressor(content_checksum=True, block_linked=False)  # Kafka knows no linked blocks
    compressor.compress(content)
    return bytes(compressor.finish())


def _xerial(content: bytes) -> bytes:
    blocks = [bytes(cramjam.snappy.compress_raw(content[at : at + 50])) for at in range(0, len(content), 50)]
    return b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1) + b"".join(struct.pack(">i", len(b)) + b for b in blocks)
