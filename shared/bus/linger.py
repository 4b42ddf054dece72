"""How soon the next batch may begin. A small batch costs almost as much as a large one; a little patience joins them.

A process that takes every record as it comes spends the whole machine on transactions of one record long before it
has much to do. So it rests for as long as its last batch took: hardly at all on a machine that is idle, longer on one
that is busy, and what comes meanwhile joins the next batch. A backlog is worked off without a rest.
"""

from typing import Final

BACKLOG: Final = 20
"""So many records in a batch are a backlog."""


def linger_after(seconds: float, records: int, *, most: float) -> float:
    """How many seconds to rest after a batch of so many ``records`` that took ``seconds``; ``most`` at the most."""
    return 0.0 if records >= BACKLOG else min(seconds, most)
