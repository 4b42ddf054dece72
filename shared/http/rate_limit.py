"""How often somebody may ask, counted in this process and in fixed memory: with more replicas, per replica."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from shared.http.problems import Problem

MOST_NAMES: Final = 50_000
_MINUTE, _DAY = 60.0, 86_400.0
_NEIGHBOURHOOD: Final = {4: 24, 6: 56}
"""The prefix whose addresses share a limit. A home is given all of a /56, or of a part of one."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """``burst`` times at once, and ``rate`` times a second in the long run."""

    rate: float
    burst: int

    @classmethod
    def per_minute(cls, most: int) -> "Allowance":
        """So many a minute, flowing back evenly."""
        return cls(most / _MINUTE, most)

    @classmethod
    def per_day(cls, most: int) -> "Allowance":
        """So many a day, flowing back evenly."""
        return cls(most / _DAY, most)


class RateLimit:
    """All ``allowances`` hold for each name by itself. ``clock`` is monotonic, in seconds.

    At most ``names`` are kept, the ones used last; who comes after they were forgotten begins anew.
    """

    def __init__(
        self, *allowances: Allowance, names: int = MOST_NAMES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._buckets = [_Buckets(allowance, names, clock) for allowance in allowances]

    def wait(self, name: str) -> int:
        """Counts one more; 0 when it may go on, else after how many whole seconds it may ask again."""
        return max([buckets.take(name) for buckets in self._buckets])

    def forgive(self, name: str) -> None:
        """What was asked last need not count."""
        for buckets in self._buckets:
            buckets.give_back(name)


class _Buckets:
    """A bucket of tokens for each name: who finds one goes on."""

    def __init__(self, allowance: Allowance, names: int, clock: Callable[[], float]) -> None:
        self._rate = allowance.rate
        self._burst = float(allowance.burst)
        self._names = names
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> int:
        now = self._clock()
        left, since = self._buckets.get(name, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        taken = left >= 1
        self._keep(name, left - 1 if taken else left, now)
        return 0 if taken else max(1, math.ceil((1 - left) / self._rate))

    def give_back(self, name: str) -> None:
        if name in self._buckets:
            left, since = self._buckets[name]
            self._buckets[name] = min(self._burst, left + 1), since

    def _keep(self, name: str, left: float, now: float) -> None:
        self._buckets[name] = left, now
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._names:
            self._buckets.popitem(last=False)


def too_often(seconds: int, detail: str) -> Problem:
    """The answer to who has to wait for so long."""
    return Problem(429, "Too Many Requests", detail, headers={"retry-after": str(seconds)})


def network_of(host: str | None) -> str:
    """The neighbourhood of an address, which shares a limit: /24 of IPv4, also written as IPv6, and /56 of IPv6."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    # a link-local address is followed by the name of the link
    bare = str(address).partition("%")[0]
    return str(ip_network(f"{bare}/{_NEIGHBOURHOOD[address.version]}", strict=False))
