"""A place is a partition as we remember it; here is decided what to do when it is not what we remember.

A topic may be deleted and made anew under its name, a log lose its beginning to retention or its end to a broker that
was restored; a database may be restored, so that it is behind; and a service may be away for longer than a compacted
topic keeps its tombstones. By offsets alone a new log that was filled looks like the old one, read to the middle.

What follows is decided by what the topic is for:

    reference data (compacted)   read all of it anew, then forget whatever was known and is no longer there
    contacts and actions         begin at the start of what is there now, and say so: each is known by its own id
    the lives of tickets         stop and say so: services would go on from lives that nobody can read any more
"""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from shared.bus.inbox import SEQUENCED
from shared.bus.record import COMPACTED


@dataclass(frozen=True, slots=True)
class Log:
    """What lies under a partition's name now. ``topic_id`` is None where brokers do not tell."""

    topic_id: uuid.UUID | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """What is remembered of a partition: the log as last seen, and for how many seconds it was not read to its end.

    ``generation`` counts how often it was read anew; while that goes on, ``anew_to`` is the offset where it is done.
    """

    log: Log
    away_seconds: float = 0.0
    generation: int = 0
    anew_to: int | None = None


class Change(StrEnum):
    """In what a place is not what is remembered. The first that applies is named."""

    MADE_ANEW = "made_anew"
    BEGINS_EARLIER = "begins_earlier"
    CUT = "cut"
    GONE_UNREAD = "gone_unread"
    TOMBSTONES_GONE = "tombstones_gone"
    UNKNOWN = "unknown"


class Course(StrEnum):
    """What is done about it."""

    READ_ANEW = "read_anew"
    START_ANEW = "start_anew"
    STOP = "stop"


def change_of(
    topic: str, position: int, known: Place | None, log: Log, *, tombstones_live: float | None
) -> Change | None:
    """How the place differs from what is known of it; None when reading may go on at ``position``.

    ``known`` is None for a partition that was processed before anything was remembered of it.
    ``tombstones_live``: for how many seconds a compacted topic keeps them; None when that does not matter now.
    """
    if known is not None:
        ids = (known.log.topic_id, log.topic_id)
        if None not in ids and ids[0] != ids[1]:
            return Change.MADE_ANEW
        if log.start < known.log.start:
            return Change.BEGINS_EARLIER
        if log.end < known.log.end:
            return Change.CUT
    if position > log.end:
        return Change.CUT
    if topic not in COMPACTED:
        return Change.GONE_UNREAD if position < log.start else None
    if known is None:
        return Change.UNKNOWN if position > log.start else None
    if tombstones_live is not None and known.away_seconds >= tombstones_live:
        return Change.TOMBSTONES_GONE
    return None


def course_for(topic: str) -> Course:
    """What is done when a place of this topic is not what we remember."""
    if topic in COMPACTED:
        return Course.READ_ANEW
    return Course.STOP if topic in SEQUENCED else Course.START_ANEW
