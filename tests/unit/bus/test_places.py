"""How a place is told from another of its name, and what is done about it."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.places import Change, Course, Log, Place, change_of, course_for
from shared.contracts import topics

FIRST, SECOND = uuid.UUID(int=1), uuid.UUID(int=2)
TICKET, CONTACT, MEMBER = topics.TICKET.name, topics.CONTACT.name, topics.MEMBER.name
KNOWN = Place(Log(FIRST, 10, 100))


@pytest.mark.parametrize(
    ("topic", "position", "known", "log", "change"),
    [
        (CONTACT, 50, KNOWN, Log(FIRST, 10, 100), None),
        (CONTACT, 50, KNOWN, Log(FIRST, 40, 300), None),
        (CONTACT, 50, KNOWN, Log(SECOND, 0, 300), Change.MADE_ANEW),
        (CONTACT, 0, Place(Log(FIRST, 0, 0)), Log(SECOND, 0, 0), Change.MADE_ANEW),
        (CONTACT, 50, KNOWN, Log(None, 10, 100), None),
        (CONTACT, 50, Place(Log(None, 10, 100)), Log(FIRST, 10, 100), None),
        (CONTACT, 50, KNOWN, Log(None, 0, 300), Change.BEGINS_EARLIER),
        (CONTACT, 50, KNOWN, Log(FIRST, 10, 99), Change.CUT),
        (CONTACT, 101, None, Log(FIRST, 10, 100), Change.CUT),
        (CONTACT, 50, KNOWN, Log(FIRST, 51, 100), Change.GONE_UNREAD),
        (CONTACT, 51, KNOWN, Log(FIRST, 51, 100), None),
        (CONTACT, 50, None, Log(FIRST, 10, 100), None),
        (MEMBER, 50, KNOWN, Log(FIRST, 10, 100), None),
        (MEMBER, 50, None, Log(FIRST, 10, 100), Change.UNKNOWN),
        (MEMBER, 10, None, Log(FIRST, 10, 100), None),
        (MEMBER, 50, replace(KNOWN, away_seconds=60), Log(FIRST, 10, 100), Change.TOMBSTONES_GONE),
        (MEMBER, 50, replace(KNOWN, away_seconds=59), Log(FIRST, 10, 100), None),
        (CONTACT, 50, replace(KNOWN, away_seconds=10**9), Log(FIRST, 10, 100), None),
    ],
)
def test_each_change_of_a_log_is_told_from_the_others(
    topic: str, position: int, known: Place | None, log: Log, change: Change | None
) -> None:
    """Another topic of the name, a log that begins earlier, ends earlier or later than we are, and lost tombstones."""
    assert change_of(topic, position, known, log, tombstones_live=60.0) is change


def test_each_kind_of_topic_has_its_rule_for_a_changed_log() -> None:
    """Reference data is read anew, contacts and actions are begun anew, and the lives of tickets stop a service."""
    courses = {topic.name: course_for(topic.name) for topic in topics.ALL}
    assert courses == {
        **dict.fromkeys(("support.contact.v1", "support.action.v1"), Course.START_ANEW),
        **dict.fromkeys(("support.ticket.v1", "support.notice.v1"), Course.STOP),
        **dict.fromkeys(("support.member.v1", "support.order.v1", "support.agent.v1"), Course.READ_ANEW),
    }


@given(
    st.sampled_from([topic.name for topic in topics.ALL]),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=20),
    st.data(),
)
def test_a_log_that_only_grows_is_the_same(topic: str, steps: list[tuple[int, int]], data: st.DataObject) -> None:
    """Whatever is written, read and removed behind the reader: nothing of it looks like another log."""
    log, position = Log(FIRST, 0, 0), 0
    for written, read in steps:
        known = Place(log)
        end = log.end + written
        position = min(end, position + read)
        log = Log(FIRST, data.draw(st.integers(log.start, position)), end)
        assert change_of(topic, position, known, log, tombstones_live=60.0) is None


@given(st.sampled_from([topic.name for topic in topics.ALL]), st.integers(0, 100), st.integers(0, 200))
def test_another_topic_is_never_taken_for_the_old_one(topic: str, position: int, end: int) -> None:
    """However much was written into the new one meanwhile."""
    assert change_of(topic, position, KNOWN, Log(SECOND, 0, end), tombstones_live=None) is Change.MADE_ANEW
