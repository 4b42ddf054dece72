"""JSON as RFC 8259 has it. Python reads ``NaN`` and ``Infinity`` as well, which nobody else does."""

import json
from typing import Any


def loads_strictly(text: str | bytes) -> Any:
    """The value. Raises ValueError (json.JSONDecodeError with the place, where there is one), or RecursionError."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
