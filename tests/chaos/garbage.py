"""What nobody can read, for every topic that is read."""

from typing import Final

from shared.contracts.registry import BY_NAME
from shared.contracts.services import GROUPS

Headers = list[tuple[str, bytes | None]]

KEY: Final = "garbage/"
"""How the key of every garbage record begins."""

_UNREADABLE: Final = (b"{", b"\xff\xfe\x00", b'"a word"', b'{"a":' * 3000 + b"1" + b"}" * 3000, b"[1, 2")
_ODD_HEADERS: Final = (("trace", b"\xff"), ("nothing", None))


def _records() -> tuple[tuple[str, bytes, Headers], ...]:
    first_type: dict[str, str] = {}
    for name, kind in BY_NAME.items():
        first_type.setdefault(kind.topic.name, name)
    read = {topic.name for group in GROUPS.values() for topic in group}
    return tuple(
        (topic, value, [("ce_type", first_type[topic].encode()), *_ODD_HEADERS])
        for topic in sorted(read)
        for value in _UNREADABLE
    )


GARBAGE: Final = _records()
"""Topic, value and headers of each."""
