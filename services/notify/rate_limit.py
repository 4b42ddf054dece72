"""How often somebody may ask, counted in this process: with more replicas the limit is per replica."""

import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Final

_MOST_ASKERS: Final = 50_000
_MINUTE, _DAY = 60.0, 86_400.0


class RateLimit:
    """So many times a minute and a day, in fixed windows. ``clock`` is monotonic, in seconds."""

    def __init__(self, *, per_minute: int, per_day: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = ((_MINUTE, per_minute), (_DAY, per_day))
        self._clock = clock
        self._counts: dict[tuple[str, float], tuple[int, int]] = {}

    def wait(self, asker: str) -> int:
        """Counts one more; 0 when it may go on, else the seconds until it may ask again."""
        now = self._clock()
        if len(self._counts) > _MOST_ASKERS:
            self._counts = {key: count for key, count in self._counts.items() if count[0] == int(now // key[1])}
        longest = 0
        for seconds, most in self._windows:
            window = int(now // seconds)
            started, count = self._counts.get((asker, seconds), (window, 0))
            count = count + 1 if started == window else 1
            self._counts[asker, seconds] = window, count
            if count > most:
                longest = max(longest, int((window + 1) * seconds - now) + 1)
        return longest


def network_of(host: str | None) -> str:
    """The neighbourhood of an address, which shares a limit: /24 of IPv4, /56 of IPv6."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return "unknown"
    return str(ip_network(f"{address}/{24 if address.version == 4 else 56}", strict=False))
