"""Kafka delivers an event again when its writer died between publishing and noting it; for people it happened once."""

from collections import OrderedDict
from typing import Final

from shared.contracts.envelope import Envelope

REMEMBERED: Final = 100_000
"""A repeat comes within seconds; so many events are more than any platform of one watcher has in that time."""


class Repeats:
    """Knows the latest events by source and id (`ce_source`, `ce_id`)."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def is_first(self, envelope: Envelope) -> bool:
        """Whether the event has not been here before; now it has."""
        name = (envelope.source, envelope.id)
        if name in self._seen:
            return False
        self._seen[name] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return True
