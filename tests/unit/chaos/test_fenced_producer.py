"""The ids of producers are read from the broker's files."""

import struct

from tests.chaos.fenced_producer import producers_of


def _batch(producer_id: int, epoch: int, size: int) -> bytes:
    body = bytearray(size)
    struct.pack_into(">qhi", body, 43 - 12, producer_id, epoch, 0)
    return struct.pack(">qi", 0, size) + bytes(body)


def test_batches_of_a_segment() -> None:
    """Each batch of an idempotent producer is found; others, and the empty end of a file, are passed over."""
    segment = _batch(7, 0, 80) + _batch(-1, -1, 61) + _batch(8, 3, 200) + bytes(100)
    assert list(producers_of(segment)) == [(7, 0), (8, 3)]
