"""Names of headers of any bytes, as strangers write them, as text: read, told in letters, and written as they were.

What is no UTF-8 in a name stands in it as Python's own escapes (PEP 383), so that no byte is lost. Such text is for
us alone: databases and other programs take none of it.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

Header = tuple[str, bytes | None]

_UNCOMPRESSED: Final = 0


def name_in(raw: bytes) -> str:
    """The name these bytes are."""
    return raw.decode("utf-8", "surrogateescape")


def name_bytes(name: str) -> bytes:
    """The bytes of a name, as they were."""
    return name.encode("utf-8", "surrogateescape")


def readable(name: str) -> str:
    """The name as text that goes anywhere: bytes that are no UTF-8 as ``\\xNN``, a NUL replaced."""
    return name_bytes(name).decode("utf-8", "backslashreplace").replace("\0", "\ufffd")


def exactly(headers: Sequence[Header]) -> bytes:
    """The names that ``readable`` changes, by position, in hex: ``{"3": "b6a9"}``."""
    changed = {at: name_bytes(name).hex() for at, (name, _) in enumerate(headers) if readable(name) != name}
    return json.dumps(changed).encode()


def restored(headers: Sequence[Header], exact: bytes | None) -> tuple[Header, ...]:
    """The headers under the names that ``exactly`` told; as they are where it tells what cannot be."""
    names = [name for name, _ in headers]
    try:
        for at, raw in json.loads(exact or b"").items():
            names[int(at)] = name_in(bytes.fromhex(raw))
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError):
        return tuple(headers)
    return tuple((name, content) for name, (_, content) in zip(names, headers, strict=True))


class AnyNames(BatchBuilder):  # type: ignore[misc]  # aiokafka is not typed
    """A batch whose records may have such names. aiokafka's faster builder takes text alone."""

    def __init__(self, size: int) -> None:
        super().__init__(size, _UNCOMPRESSED)
        self._builder = _DefaultRecordBatchBuilderPy(2, _UNCOMPRESSED, 0, -1, -1, 0, size)

    def append(self, *, headers: Sequence[Header], **record: Any) -> Any:
        """See ``BatchBuilder``."""
        return super().append(**record, headers=[(_Name(name), content) for name, content in headers])

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


class _Name(str):
    """Encodes itself as it was."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        return super().encode(encoding, "surrogateescape")
