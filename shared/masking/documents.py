"""Documents made of dicts and lists, with everything private in them hidden, however deep it lies."""

import re
from collections.abc import Mapping
from typing import Any, Final

from shared.masking.hiding import redacted

HIDDEN: Final = "***"

_DEEPEST: Final = 40
_LONG_NUMBER: Final = 10**10


def redacted_tree(value: Any, hidden_names: re.Pattern[str], *, depth: int = 0) -> Any:
    """``value`` with its texts redacted; what stands under a name that ``hidden_names`` matches in full is gone.

    A number is hidden when it would be as text: a telephone is one whatever its type.
    """
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LONG_NUMBER or redacted(str(value)) == str(value) else HIDDEN
    if depth >= _DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            redacted(name) if isinstance(name, str) else name: (
                HIDDEN
                if inner and isinstance(name, str) and hidden_names.fullmatch(name)
                else redacted_tree(inner, hidden_names, depth=depth + 1)
            )
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted_tree(inner, hidden_names, depth=depth + 1) for inner in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    return redacted(str(value))
