"""Batches as strangers write them: read whole, or told apart, with little memory whatever they say they hold."""

import tracemalloc

import pytest
from aiokafka import TopicPartition

from shared.bus.header_names import name_bytes, readable
from shared.bus.raw_batch import DamagedError, RawBatch, RawRecord, UnusableError, split
from tests.raw_batches import GBK_NAME, Case, corpus

PLACE = TopicPartition("support.action.v1", 3)
CASES = dict(corpus(b"k", lambda number: b'{"number": %d}' % number, [(b"ce_type", b"t")]))


@pytest.mark.parametrize("name", CASES)
def test_a_batch_is_read_or_told_apart(name: str) -> None:
    """What a stranger can write is records, damage or unusable, nothing else; what is good is read."""
    case = CASES[name]
    (batch,) = split(case.batch)
    tracemalloc.start()
    found = _read(batch)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if case.good:
        (record,) = found
        assert (record.topic, record.partition, record.key) == (*PLACE, b"k")
        assert (record.value or b"").startswith(b'{"number": ')
        assert record.headers[0] == ("ce_type", b"t")
    assert peak < 80_000_000


def test_a_name_of_any_bytes_can_be_told_again() -> None:
    """Bytes that are no UTF-8 are kept in the name of a header, and can be read one by one."""
    (record,) = RawBatch(memoryview(CASES["a header's name in GBK"].batch)).records(PLACE)
    name, value = record.headers[-1]
    assert (name_bytes(name), readable(name), value) == (GBK_NAME, r"\xb6\xa9\xb5\xa5\xba\xc5", b"1")


@pytest.mark.parametrize("cut", [0, 1, 11, 12, 60, 61, 80])
def test_what_is_cut_off_is_no_batch(cut: int) -> None:
    """The last batch of an answer may be cut anywhere; a first that is cut is damage."""
    whole = CASES["lz4"].batch
    assert [bytes(batch.data) for batch in split(whole + whole[:cut])] == [whole]
    if cut:
        with pytest.raises(DamagedError):
            list(split(whole[:cut]))


def test_a_change_of_any_bit_is_noticed() -> None:
    """Whatever bit of a batch is another than the broker took, behind its offset and its epoch, is noticed."""
    whole: Case = CASES["zstd"]
    for at in [*range(8, 12), *range(16, len(whole.batch))]:
        spoilt = bytearray(whole.batch)
        spoilt[at] ^= 1 << (at % 8)
        with pytest.raises(DamagedError):
            _check(bytes(spoilt))


def _read(batch: RawBatch) -> list[RawRecord]:
    try:
        batch.check()
        return batch.records(PLACE)
    except (DamagedError, UnusableError):
        return []


def _check(data: bytes) -> None:
    for batch in split(data):
        batch.check()
