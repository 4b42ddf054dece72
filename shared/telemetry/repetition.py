"""A library that is away from its server says so many times a second; a log wants to hear it now and then."""

import logging
import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 10.0


class OnceInAWhile(logging.Filter):
    """Lets the same message of the same logger through once in ten seconds, with how many were held back."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[tuple[str, str], float] = {}
        self._held: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Messages are the same when their templates are, whatever is filled in."""
        now, key = self._clock(), (record.name, str(record.msg))
        if now - self._last.get(key, -SECONDS) < SECONDS:
            self._held[key] = self._held.get(key, 0) + 1
            return False
        self._last[key] = now
        if held := self._held.pop(key, 0):
            record.msg, record.args = f"{record.getMessage()} ({held} more like it before)", ()
        return True
