"""Fault points: where a test may kill the process, so that every step of the batch is shown to be safe to die at."""

import os
import signal
from typing import Final

AFTER_FETCH: Final = "after_fetch"
AFTER_FENCE: Final = "after_fence"
AFTER_HANDLE: Final = "after_handle"
BEFORE_COMMIT: Final = "before_commit"
AFTER_COMMIT: Final = "after_commit"
AFTER_PUBLISH: Final = "after_publish"
AFTER_RELAY: Final = "after_relay"
AFTER_CLAIM: Final = "after_claim"

POINTS: Final = (
    *(AFTER_CLAIM, AFTER_FETCH, AFTER_FENCE, AFTER_HANDLE),
    *(BEFORE_COMMIT, AFTER_COMMIT, AFTER_PUBLISH, AFTER_RELAY),
)


class Faults:
    """Kills this process at one point, the n-th time it passes there. ``plan``: ``<point>[@n]``, empty for never."""

    def __init__(self, plan: str) -> None:
        self._point, _, count = plan.partition("@")
        self._left = int(count or 1)
        if self._point and self._point not in POINTS:
            raise ValueError(f"there is no fault point {self._point!r}; there are: {', '.join(POINTS)}")

    def at(self, point: str) -> None:
        """Dies here if the plan says so."""
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
