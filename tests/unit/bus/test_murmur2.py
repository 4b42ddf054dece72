"""The hash by which partitions are chosen."""

import pytest
from aiokafka.partitioner import murmur2 as of_aiokafka
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.murmur2 import murmur2


@given(st.binary(max_size=100))
def test_it_is_the_hash_of_the_client(key: bytes) -> None:
    """Any key has the hash aiokafka's own partitioner gives it."""
    assert murmur2(key) == of_aiokafka(key) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("key", "signed"),
    [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536), ("abc", 479470107)],
)
def test_it_is_the_hash_of_kafka(key: str, signed: int) -> None:
    """The keys that Kafka's own tests name have the hashes they name (UtilsTest.testMurmur2)."""
    assert murmur2(key.encode()) == signed & 0xFFFFFFFF
