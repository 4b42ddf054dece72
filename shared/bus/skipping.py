"""An operator's wish that what cannot be read is stepped over: a record on the dead-letter topic, beside the letters.

Whoever may put dead letters back may also give one up for lost, and both stand where the letters do, for good. The
process that has the partition looks there while it is halted, and only then.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import structlog
from aiokafka import TopicPartition

from shared.bus.dead_letters import DLQ_PARTITION
from shared.bus.publisher import Outgoing, beside
from shared.bus.raw_batch import RawRecord
from shared.bus.reading import PartitionReader
from shared.bus.tail import tail_of
from shared.contracts.topics import dead_letter_topic
from shared.failures import for_log
from shared.settings import BusSettings

SKIP: Final = "dlq_skip"
"""The offset that cannot be read, in the partition ``dlq_partition`` names; ``dlq_skip_at`` says since when it is
wished, and ``dlq_skip_by`` by whom."""
SKIP_AT: Final = "dlq_skip_at"
SKIP_BY: Final = "dlq_skip_by"

LOOKED_THROUGH: Final = 1000
"""So many of the last records of the dead letters are looked through for a wish."""

WISH_SECONDS: Final = 3.0
"""How often a halted process looks for a wish."""

_READ_SECONDS: Final = 20.0

log = structlog.get_logger()


def skip_wish(place: TopicPartition, offset: int, *, group: str, at: datetime, by: str) -> Outgoing:
    """The wish that ``group`` goes on behind what begins at this offset."""
    told = {DLQ_PARTITION: str(place.partition), SKIP: str(offset), SKIP_AT: at.isoformat(), SKIP_BY: by}
    headers = tuple((name, text.encode("utf-8", "replace")) for name, text in told.items())
    return Outgoing(dead_letter_topic(place.topic, group), beside(place.partition), None, None, headers)


class Wishes:
    """Heeds the wishes that concern ``readers`` which are halted."""

    def __init__(
        self, settings: BusSettings, readers: Mapping[TopicPartition, PartitionReader], *, service: str
    ) -> None:
        self._settings = settings
        self._readers = readers
        self._service = service

    async def heed(self) -> None:
        """Looks for them as long as it runs, which is until it is cancelled."""
        while True:
            await asyncio.sleep(WISH_SECONDS)
            for place, reader in [*self._readers.items()]:
                if not reader.is_halted:
                    continue
                try:
                    async with asyncio.timeout(_READ_SECONDS):
                        offsets = await wished_offsets(self._settings, place, group=self._service)
                except Exception as error:
                    log.warning(
                        "bus.wishes_unknown", topic=place.topic, partition=place.partition, error=for_log(error)
                    )
                    continue
                for offset in offsets:
                    if self._readers.get(place) is reader and reader.step_over(offset):
                        log.warning("bus.stepped_over", topic=place.topic, partition=place.partition, offset=offset)


async def wished_offsets(settings: BusSettings, place: TopicPartition, *, group: str) -> frozenset[int]:
    """The offsets of a partition that somebody wishes ``group`` to step over."""
    letters = TopicPartition(dead_letter_topic(place.topic, group), beside(place.partition))
    mine = str(place.partition).encode()
    found: set[int] = set()
    async with tail_of(settings.servers, client_id=f"kefu-{group}-wishes", access=settings.kafka) as tail:
        begins, ends = await tail.begins([letters]), await tail.ends([letters])
        starts = {letters: max(begins[letters], ends[letters] - LOOKED_THROUGH)}
        async for record in tail.read(starts, ends):
            if isinstance(record, RawRecord) and record.value is None:
                told = dict(record.headers)
                wish = told.get(SKIP)
                if wish and wish.isdigit() and told.get(DLQ_PARTITION, mine) == mine:
                    found.add(int(wish))
    return frozenset(found)
