"""Ends a process that is stuck, so that it is started anew: a blocked event loop, or records waiting without progress.

aiokafka gives no sign when its consumer hangs after a broker restart (aiokafka issue 1154); a thread and a lag do.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

EXIT_CODE: Final = 70
"""sysexits.h: internal software error."""


class Watchdog:
    """Call ``watch`` as a task. ``is_stuck`` is asked every second; twice in a row ends the process."""

    def __init__(self, is_stuck: Callable[[], bool], *, blocked_seconds: float) -> None:
        self._is_stuck = is_stuck
        self._blocked_seconds = blocked_seconds
        self._beat = time.monotonic()
        self._over = threading.Event()

    async def watch(self) -> None:
        """Runs until cancelled."""
        thread = threading.Thread(target=self._guard_loop, name="watchdog", daemon=True)
        thread.start()
        strikes = 0
        try:
            while True:
                self._beat = time.monotonic()
                strikes = strikes + 1 if self._is_stuck() else 0
                if strikes > 1:
                    _end("records wait, but none were processed")
                await asyncio.sleep(1)
        finally:
            self._over.set()

    def _guard_loop(self) -> None:
        strikes = 0
        while not self._over.wait(5):
            # two strikes: a process that was merely stopped for a while gets its chance to beat again
            strikes = strikes + 1 if time.monotonic() - self._beat > self._blocked_seconds else 0
            if strikes > 1:
                _end("the event loop is blocked")


def _end(reason: str) -> None:
    print(f'{{"event": "watchdog.ended_process", "level": "critical", "reason": "{reason}"}}', file=sys.stderr)  # noqa: T201
    sys.stderr.flush()
    os._exit(EXIT_CODE)
