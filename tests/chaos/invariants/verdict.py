"""What the judges are given, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from shared.contracts import topics
from tests.chaos.log import Entry, by_ticket, events

SHOWN: Final = 10


@dataclass(frozen=True)
class Evidence:
    """All there is to judge by.

    ``log``: every record, each partition in order; ``contacts`` and ``amendments``: contact_id -> when it was sent;
    ``matter_of``: amendment -> the contact that began the matter; ``actions``: ids sent; ``capacity``: agent -> seats.
    At rest: ``outboxes``, rows by service; ``lags``, records by group and partition; ``outcomes``, action -> what
    routing made of it; ``loads``, agent -> tickets by routing's books; ``taken`` and ``arrived``, notice -> how often
    the carrier took it and the handset got it; ``unready``, instance or fault -> what is wrong; ``queued``: tickets
    nobody has been given.
    """

    log: Sequence[Entry]
    contacts: Mapping[str, float] = field(default_factory=dict)
    amendments: Mapping[str, float] = field(default_factory=dict)
    matter_of: Mapping[str, str] = field(default_factory=dict)
    actions: frozenset[str] = frozenset()
    capacity: Mapping[str, int] = field(default_factory=dict)
    outboxes: Mapping[str, int] = field(default_factory=dict)
    lags: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    loads: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)
    arrived: Mapping[str, int] = field(default_factory=dict)
    unready: Mapping[str, str] = field(default_factory=dict)
    queued: int = 0

    @cached_property
    def told(self) -> list[Entry]:
        """Events of tickets, each once, each partition in order."""
        return events(self.log, topics.TICKET.name)

    @cached_property
    def tickets(self) -> dict[str, list[Entry]]:
        """The events of every ticket in the order of its log."""
        return by_ticket(self.told)

    @cached_property
    def notices(self) -> list[Entry]:
        """Events of notices, each once, each partition in order."""
        return events(self.log, topics.NOTICE.name)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, in words with figures, and every breach."""

    promise: str
    found: str
    breaches: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """Whether there is no breach."""
        return not self.breaches
