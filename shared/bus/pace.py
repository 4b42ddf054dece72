"""How soon the next batch may begin. A small batch costs almost as much as a large one; a little patience joins them.

A process that takes every record as it comes spends the whole machine on transactions of one record long before it
has much to do. So a few batches may follow each other at once, as the events of one contact do; a steady stream of
them is spread out, and what comes meanwhile joins the next. A backlog is never held up: its batches take longer anyway.
"""

from typing import Final

BATCHES_AT_ONCE: Final = 4
"""How many batches may follow each other without a pause."""


class BatchPace:
    """A leaky bucket over batches: one in ``seconds``, and a few at once (generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due = float("-inf")

    def pause_after(self, now: float) -> float:
        """How many seconds to wait after a batch that ended at ``now``, on a clock that never goes back."""
        self._due = max(self._due, now - BATCHES_AT_ONCE * self._seconds) + self._seconds
        return max(0.0, self._due - now)
