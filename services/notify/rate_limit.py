"""How often somebody may ask, counted in this process: with more replicas the limit is per replica."""

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from shared.http.token_buckets import MOST_NAMES, TokenBuckets

_MINUTE, _DAY = 60.0, 86_400.0
_NEIGHBOURHOOD: Final = {4: 24, 6: 56}
"""The prefix whose addresses share a limit. A home is given all of a /56, or of a part of one."""


class RateLimit:
    """So many times a minute and a day, each flowing back evenly. ``clock`` is monotonic, in seconds."""

    def __init__(
        self, *, per_minute: int, per_day: int, names: int = MOST_NAMES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._buckets = [
            TokenBuckets(most / seconds, most, names=names, clock=clock)
            for seconds, most in ((_MINUTE, per_minute), (_DAY, per_day))
        ]

    def wait(self, asker: str) -> int:
        """Counts one more; 0 when it may go on, else the seconds until it may ask again."""
        return max(buckets.take(asker) for buckets in self._buckets)

    def forgive(self, asker: str) -> None:
        """What was asked last need not count."""
        for buckets in self._buckets:
            buckets.give_back(asker)


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
