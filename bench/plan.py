"""How much is measured: enough for a figure, or just enough to see that it works."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts are contacts, durations seconds."""

    rounds: int = 3
    backlog: int = 7500
    few: int = 100
    hop_backlog: int = 3000
    rates: tuple[int, ...] = (1, 10, 100, 1000)
    rate_seconds: tuple[float, ...] = (20, 20, 15, 8)
    idle_seconds: float = 20
    starts: int = 3


FULL: Final = Plan()
QUICK: Final = Plan(
    rounds=1, backlog=300, few=30, hop_backlog=300, rates=(10, 50), rate_seconds=(3, 3), idle_seconds=3, starts=1
)
