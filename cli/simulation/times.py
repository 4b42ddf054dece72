"""Times for people: of the day that is played, or as they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Times(Protocol):
    """``at`` is in seconds since 1970."""

    def shown(self, at: float) -> str:
        """A moment."""

    def lasted(self, seconds: float) -> str:
        """How long something took."""


@dataclass(frozen=True, slots=True)
class DayClock:
    """The time of the day that is played. It began ``at`` as ``opens`` o'clock; ``minute``: seconds of a minute."""

    at: float
    minute: float
    opens: int = 10

    def shown(self, at: float) -> str:
        """`14:05`."""
        minutes = int((at - self.at) / self.minute)
        return f"{self.opens + minutes // 60:02}:{minutes % 60:02}"

    def lasted(self, seconds: float) -> str:
        """`1 h 05`, `12 min`."""
        minutes = round(seconds / self.minute)
        return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"


@dataclass(frozen=True, slots=True)
class WallClock:
    """Times as they are, in the time zone of this machine."""

    def shown(self, at: float) -> str:
        """`14:05:33`."""
        return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S")

    def lasted(self, seconds: float) -> str:
        """`8.2 s`, `12 min`, `1 h 05`."""
        if seconds < 60:
            return f"{seconds:.1f} s"
        minutes = round(seconds / 60)
        return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"
