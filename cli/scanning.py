"""How far a long scan is, for the person who waits for it."""

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console

from cli.cells import shortened

PATIENCE_SECONDS: Final = 1.0
_SPINNER_WIDTH: Final = 3


class ScanProgress:
    """A line on stderr, on a terminal alone, when a scan takes longer than a second; gone when it is over."""

    def __init__(self, what: str, console: Console | None = None) -> None:
        self._what = what
        self._console = console or Console(stderr=True)
        self._status = self._console.status("") if self._console.is_terminal else None
        self._shows = False
        self._begun = time.monotonic()
        self._read = self._total = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._status and self._shows:
            self._status.stop()

    def begin(self, total: int) -> None:
        """So many records are to be read."""
        self._total = total

    def advance(self, count: int) -> None:
        """So many more have been."""
        self._read += count
        if self._status is None or time.monotonic() - self._begun < PATIENCE_SECONDS:
            return
        line = f"Reading {self._what}: {self._read:,} of {self._total:,} records"
        self._status.update(shortened(line, self._console.width - _SPINNER_WIDTH))
        if not self._shows:
            self._shows = True
            self._status.start()
