"""How often somebody may ask: a token bucket for each name, in this process and in fixed memory."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST_NAMES: Final = 50_000


class TokenBuckets:
    """``rate`` tokens a second flow into each bucket, which holds at most ``burst``.

    At most ``names`` buckets are kept, the ones used last; who comes after the others have been forgotten begins anew.
    """

    def __init__(
        self, rate: float, burst: int, *, names: int = MOST_NAMES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._names = names
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> int:
        """Takes a token and returns 0; or takes none and returns after how many whole seconds there will be one."""
        now = self._clock()
        left, since = self._buckets.get(name, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        taken = left >= 1
        self._keep(name, left - 1 if taken else left, now)
        return 0 if taken else max(1, math.ceil((1 - left) / self._rate))

    def give_back(self, name: str) -> None:
        """The token that was taken last for this name was not needed."""
        if name in self._buckets:
            left, since = self._buckets[name]
            self._buckets[name] = min(self._burst, left + 1), since

    def _keep(self, name: str, left: float, now: float) -> None:
        self._buckets[name] = left, now
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._names:
            self._buckets.popitem(last=False)
