"""What an outsider sees while it happens: the newest events, and for how long contacts have been waiting for theirs."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import TopicPartition

from shared.bus.raw_batch import RawRecord
from shared.bus.tail import tail_of
from shared.contracts import topics
from tests.chaos.log import verb_of

Json = dict[str, Any]

SUBSCRIBED_EVENTS: Final = (topics.TICKET.name, topics.NOTICE.name)
STAGES: Final = ("opened", "promised", "routed", "noticed")
"""What every contact leads to, by intake, sla, routing and notify."""


SHORTEST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 3.0
"""Between these, in seconds, lies what passes for flowing, however fast or busy the machine is."""
_LOOK_SECONDS: Final = 0.05


@dataclass(slots=True)
class Waiting:
    """Since when something has been waited for, by stage and by what it is about; the oldest first."""

    since: dict[str, dict[str, float]] = field(default_factory=lambda: {stage: {} for stage in STAGES})
    noticed: set[str] = field(default_factory=set)

    def sent(self, contact_id: str, at: float) -> None:
        """A contact that has to become a ticket."""
        self.since["opened"][contact_id] = at

    def heard(self, topic: str, verb: str, value: Json, at: float) -> None:
        """An event came."""
        ticket_id = value.get("ticket_id") or ""
        if topic == topics.NOTICE.name:
            # the topics are read side by side: a notice may be heard before the opening it is about
            self.noticed.add(ticket_id)
            self.since["noticed"].pop(ticket_id, None)
        elif verb == "opened":
            self.since["opened"].pop(value["contact_id"], None)
            for stage in STAGES[1:]:
                if stage != "noticed" or ticket_id not in self.noticed:
                    self.since[stage][ticket_id] = at
        elif verb == "promised":
            self.since["promised"].pop(ticket_id, None)
        elif verb in ("queued", "assigned"):
            self.since["routed"].pop(ticket_id, None)

    def oldest(self, now: float) -> tuple[float, str]:
        """For how long the oldest of all has been waited for, in seconds, and at which stage."""
        return max(
            ((now - next(iter(one.values())), stage) for stage, one in self.since.items() if one), default=(0.0, "")
        )


class Watch:
    """Follows tickets and notices from now on. ``tell`` is called with every event of a ticket."""

    def __init__(self, servers: str, tell: Callable[[str, Json], None]) -> None:
        self._servers = servers
        self._tell = tell
        self.waiting = Waiting()
        self.usual = SHORTEST_WAIT

    async def learn(self, seconds: float) -> None:
        """While nothing is done to the system, learns how long is usually waited on this machine."""
        waits = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            waits.append(self.waiting.oldest(time.time())[0])
            await asyncio.sleep(_LOOK_SECONDS)
        usual = sorted(waits)[len(waits) * 95 // 100]
        self.usual = min(max(2 * usual, SHORTEST_WAIT), LONGEST_WAIT)

    async def run(self) -> None:
        """Until cancelled. An event published twice is told once."""
        places = [TopicPartition(topic, number) for topic in SUBSCRIBED_EVENTS for number in range(topics.PARTITIONS)]
        told: dict[bytes, None] = {}
        async with tail_of(self._servers, client_id="chaos") as tail:
            async for record in tail.follow(dict.fromkeys(places, 0)):
                if not isinstance(record, RawRecord):
                    continue
                headers = dict(record.headers)
                event_id = headers.get("ce_id")
                if event_id is None or event_id in told or not record.value:
                    continue
                told[event_id] = None
                self._heard(record.topic, verb_of(headers), record.value)
                if len(told) > 50_000:
                    del told[next(iter(told))]

    def _heard(self, topic: str, verb: str, raw: bytes) -> None:
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            return
        self.waiting.heard(topic, verb, value, time.time())
        if topic == topics.TICKET.name:
            self._tell(verb, value)
