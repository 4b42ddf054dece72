"""What is done about partitions just claimed, when their logs are not what we remember (see `places`)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import structlog
from aiokafka import TopicPartition

from shared.bus import place_store
from shared.bus.errors import RecordsLostError
from shared.bus.fence import Claim, Fence
from shared.bus.places import Change, Course, Log, Place, change_of, course_for
from shared.database.connection import Connection
from shared.telemetry import metrics

SURE_AT_ONCE: Final = frozenset({Change.MADE_ANEW, Change.TOMBSTONES_GONE, Change.UNKNOWN})
"""Not seen by where a log begins or ends, of which a broker that has just taken over from another may be mistaken."""

log = structlog.get_logger()


class DoubtfulError(Exception):
    """A log seems to be another one: ask the brokers again before anything is done about it."""


async def settle_places(
    connection: Connection,
    fence: Fence,
    claims: Mapping[TopicPartition, Claim],
    logs: Mapping[TopicPartition, Log],
    live: Mapping[str, float],
    *,
    stops: bool,
    is_sure: bool,
) -> dict[TopicPartition, Place]:
    """Compares each claim with what is remembered, moves it where that is the rule, and remembers what is now.

    ``live``: for how many seconds topics keep tombstones. Raises RecordsLostError where the rule is to stop and
    ``stops``, DoubtfulError where it is not sure yet.
    """
    known = await place_store.recall(connection, claims)
    found: dict[TopicPartition, Place] = {}
    changed: dict[tuple[str, Change, Course], list[int]] = defaultdict(list)
    for place, claim in claims.items():
        before, now = known.get(place), logs[place]
        change = change_of(place.topic, claim.next_offset, before, now, tombstones_live=live.get(place.topic))
        if change is None:
            found[place] = replace(before, log=now) if before else Place(now)
        else:
            if not (is_sure or change in SURE_AT_ONCE):
                raise DoubtfulError(f"{place.topic}[{place.partition}]: {change}")
            course = course_for(place.topic)
            if course is Course.STOP and stops:
                raise RecordsLostError.at(place, change, claim.next_offset, now.start, now.end)
            changed[place.topic, change, course].append(place.partition)
            anew_to = now.end if course is Course.READ_ANEW else None
            found[place] = Place(now, generation=(before.generation if before else 0) + 1, anew_to=anew_to)
            claim.next_offset = now.start
            await fence.move(connection, place, claim)
        claim.generation = found[place].generation
    await place_store.remember(connection, found)
    for (topic, change, course), partitions in changed.items():
        metrics.PLACES_CHANGED.labels(topic, change).inc(len(partitions))
        say = log.info if change is Change.UNKNOWN else log.error
        say("bus.place_changed", topic=topic, change=change, course=course, partitions=sorted(partitions))
    return found
