"""The shipped rules, played faster: a folder like ``config/`` with shorter promises and waits.

Derived from what is shipped at the moment of playing, so the two cannot drift apart.
"""

import math
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from services.sla.rules.durations import parse_duration
from services.sla.rules.promise_rules import PROMISES_FILE
from shared.config.files import load_yaml
from shared.config.reopening import QUEUES_FILE

DAY_FASTER: Final = 360
"""How many times faster the day goes by: 2 h are 20 s."""

HANDS_FASTER: Final = 6
"""How many times faster people's hands are: the minute an agent has to accept a ticket is 10 s."""

_OF_THE_DAY: Final = ("head_start_seconds", "offline_grace_seconds", "close_after_seconds", "reopen_within_seconds")
_OF_THE_HAND: Final = ("accept_seconds", "wait_seconds", "cool_down_seconds", "alone_cool_down_seconds")


def write_faster_rules(shipped: Path, folder: Path) -> None:
    """Writes the rules of ``shipped`` to ``folder``, promises and waits shortened, everything else as it is."""
    shutil.copytree(shipped, folder, dirs_exist_ok=True)
    for name, faster in ((PROMISES_FILE, _faster_promises), (QUEUES_FILE, _faster_queues)):
        document = faster(load_yaml(shipped / name).value)
        text = f"# Derived from the shipped {name} for a day that is played faster.\n"
        text += yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        (folder / name).write_text(text, encoding="utf-8")


def shortened(written: str) -> str:
    """A duration of a promise as it is played, in whole seconds, at least one."""
    seconds = parse_duration(written) / timedelta(seconds=1) / DAY_FASTER
    return f"{max(1, math.ceil(seconds))}s"


def _faster_promises(value: Any) -> Any:
    """Every duration; percentages and names are no durations."""
    if isinstance(value, Mapping):
        return {name: _faster_promises(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_faster_promises(item) for item in value]
    try:
        return shortened(value)
    except ValueError:
        return value


def _faster_queues(value: Any, factor: float = 1) -> Any:
    if isinstance(value, Mapping):
        return {name: _faster_queues(item, _factor(name, factor)) for name, item in value.items()}
    if isinstance(value, list):
        return [_faster_queues(item) for item in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return round(value / factor, 3) if is_number and factor != 1 else value


def _factor(name: str, around: float) -> float:
    if name in _OF_THE_DAY:
        return DAY_FASTER
    return HANDS_FASTER if name in _OF_THE_HAND else around
