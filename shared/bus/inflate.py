"""Unpacks the records of a batch, to a size fixed before it begins: 12 kB on the wire may be 400 MB in memory.

Every codec a Kafka client may use, as Java, librdkafka and Go write it: gzip of several members, snappy with and
without xerial's frames, lz4 and zstd of several frames.
"""

import struct
import zlib
from collections.abc import Callable
from typing import Final

import cramjam

_XERIAL: Final = b"\x82SNAPPY\0"
_XERIAL_HEADER_BYTES: Final = 16  # the magic, a version, the oldest version that can read it
_BLOCK: Final = struct.Struct(">i")
_GZIP: Final = 31  # zlib: with the header and the trailer of gzip, the largest window
_MOST_MEMBERS: Final = 64  # looking for the next one copies what is left


class TooMuchError(Exception):
    """It would be larger than allowed. What was unpacked until then is thrown away."""


class CannotUnpackError(Exception):
    """These bytes are not what the codec writes."""


def inflate(codec: int, packed: bytes, *, most: int) -> bytes:
    """The bytes that ``codec``, the number of the record batch, packed; never takes more than ``most`` of memory."""
    unpack = _UNPACK.get(codec)
    if unpack is None:
        raise CannotUnpackError(f"there is no codec {codec}")
    try:
        return unpack(packed, most)
    except (zlib.error, cramjam.DecompressionError, struct.error) as error:
        raise CannotUnpackError(f"{_NAMES[codec]}: {error}") from error


def _gunzip(packed: bytes, most: int) -> bytes:
    members: list[bytes] = []
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        members.append(member.decompress(packed, most + 1))
        most -= len(members[-1])
        if most < 0:
            raise TooMuchError
        if not member.eof:
            raise zlib.error("it ends in the middle")
        packed = member.unused_data.lstrip(b"\0")
        if not packed:
            return b"".join(members)
    raise zlib.error(f"more than {_MOST_MEMBERS} members")


def _unsnap(packed: bytes, most: int) -> bytes:
    if not packed.startswith(_XERIAL):
        return _unsnap_block(packed, most)
    blocks: list[bytes] = []
    at = _XERIAL_HEADER_BYTES
    while at < len(packed):
        (size,) = _BLOCK.unpack_from(packed, at)
        at += _BLOCK.size
        if not 0 < size <= len(packed) - at:
            raise struct.error(f"a block of {size} bytes where {len(packed) - at} are left")
        blocks.append(_unsnap_block(packed[at : at + size], most))
        most -= len(blocks[-1])
        at += size
    return b"".join(blocks)


def _unsnap_block(block: bytes, most: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(block) > most:
        raise TooMuchError
    return bytes(cramjam.snappy.decompress_raw(block))


def _within(decompress_into: Callable[[bytes, bytearray], int]) -> Callable[[bytes, int], bytes]:
    """For codecs whose data need not tell their size: into a buffer that is as large as it may get."""

    def unpack(packed: bytes, most: int) -> bytes:
        room = bytearray(most)  # of zeros, which take memory only once they are written over
        try:
            size = decompress_into(packed, room)
        except cramjam.DecompressionError as error:
            if "write whole buffer" in str(error):
                raise TooMuchError from error
            raise
        return bytes(memoryview(room)[:size])

    return unpack


_NAMES: Final = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_UNPACK: Final[dict[int, Callable[[bytes, int], bytes]]] = {
    1: _gunzip,
    2: _unsnap,
    3: _within(cramjam.lz4.decompress_into),
    4: _within(cramjam.zstd.decompress_into),
}
