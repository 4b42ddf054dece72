"""How much of what lies at hand is handed out at once."""

import struct

from aiokafka import TopicPartition

from shared.bus.reading import Fetched, PartitionReader
from tests.log_in_memory import a_batch

PLACE = TopicPartition("support.ticket.v1", 0)
PLENTY = 1 << 20


def alone(offset: int, value: bytes = b"{}") -> bytes:
    """A batch of one record, where the broker put it."""
    return struct.pack(">q", offset) + a_batch([(b"k", value, [])])[8:]


def a_reader_with(*batches: bytes) -> PartitionReader:
    """A reader of a partition that holds these batches and nothing else."""
    reader = PartitionReader(PLACE, 0, compacted=False)
    reader.take(Fetched(0, b"".join(batches), 0, 100))
    return reader


def test_many_small_batches_are_handed_out_together() -> None:
    """Writers in no hurry put one record into a batch; a backlog of theirs is worked off as fast as any other."""
    reader = a_reader_with(*(alone(offset) for offset in range(100)))
    assert [found.offset for found in reader.hand_out(500, PLENTY)] == list(range(100))
    assert (reader.is_hungry, reader.handed) == (True, 100)


def test_no_more_is_handed_out_than_there_is_room_for() -> None:
    """Neither more records than wished nor, but for one, more bytes."""
    reader = a_reader_with(*(alone(offset, b"0123456789") for offset in range(100)))
    assert len(reader.hand_out(30, PLENTY)) == 30
    assert len(reader.hand_out(500, 25)) == 3
    assert (reader.is_hungry, reader.handed) == (False, 33)


def test_what_was_opened_before_the_damage_is_handed_out() -> None:
    """Damage costs the batch in which it is, not those before it."""
    spoilt = bytearray(alone(2))
    spoilt[-1] ^= 1
    reader = a_reader_with(alone(0), alone(1), bytes(spoilt), alone(3))
    assert [found.offset for found in reader.hand_out(500, PLENTY)] == [0, 1]
    assert reader.trouble is not None
    assert (reader.trouble.begin, reader.handed, reader.is_hungry) == (2, 2, True)
