"""How often each channel may post: a token bucket per name, in this process."""

import math
import time
from collections.abc import Callable


class TokenBuckets:
    """``rate`` tokens a second flow into each bucket, which holds at most ``burst``."""

    def __init__(self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> int:
        """Takes a token and returns 0; or takes none and returns after how many whole seconds there will be one."""
        now = self._clock()
        left, since = self._buckets.get(name, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        taken = left >= 1
        self._buckets[name] = (left - 1 if taken else left, now)
        return 0 if taken else max(1, math.ceil((1 - left) / self._rate))
