"""The hash by which Kafka's clients choose partitions; aiokafka's own takes twice as long, and every event needs it."""

import struct
from typing import Final

_SEED: Final = 0x9747B28C
_FACTOR: Final = 0x5BD1E995
_WORD: Final = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """MurmurHash2 of Austin Appleby with Kafka's seed, an unsigned 32-bit integer (Kafka: ``Utils.murmur2``)."""
    size = len(data)
    found = _SEED ^ size
    for word in struct.unpack_from(f"<{size // 4}I", data):
        mixed = word * _FACTOR & _WORD
        found = (found * _FACTOR & _WORD) ^ ((mixed ^ mixed >> 24) * _FACTOR & _WORD)
    if rest := size % 4:
        found = (found ^ int.from_bytes(data[-rest:], "little")) * _FACTOR & _WORD
    found = (found ^ found >> 13) * _FACTOR & _WORD
    return found ^ found >> 15
