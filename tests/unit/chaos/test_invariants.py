"""Every invariant holds on a log that is right, and is broken by a log that is wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts import topics
from tests.chaos import invariants
from tests.chaos.invariants import capacity, effects, identity, letters, order, rest, sends
from tests.chaos.invariants.verdict import Evidence, Verdict
from tests.chaos.log import Entry
from tests.unit.chaos.entries import entry, life, log, notice

Judge = Callable[[Evidence], Verdict]

RIGHT = log(*life(), notice("planned"), notice("accepted"), notice("delivered"))
FACTS: dict[str, Any] = {
    "contacts": {"c1": 0.0},
    "capacity": {"A1": 1},
    "actions": frozenset({"a1"}),
    "outcomes": {"a1": "applied"},
    "loads": {"A1": 0},
    "taken": {"n1": 1},
    "arrived": {"n1": 1},
    "outboxes": {"intake": 0},
    "lags": {"intake support.contact.v1[0]": 0},
}


def test_a_right_log_breaks_no_invariant() -> None:
    """A log in which everything happened once, in order, breaks nothing."""
    evidence = Evidence(log=RIGHT, **FACTS)
    assert [verdict.promise for judge in invariants.ALL if not (verdict := judge(evidence)).holds] == []


def more(*entries: Entry) -> list[Entry]:
    """The right log and something after it."""
    return log(*life(), notice("planned"), notice("accepted"), notice("delivered"), *entries)


def without(verb: str) -> list[Entry]:
    """The right log, but for one kind of event."""
    return [one for one in RIGHT if one.verb != verb]


LETTER = entry("accept", topic=topics.ACTION.dead_letters("routing"), action_id="a9", source="x")
GARBAGE = replace(entry("opened", topic=topics.CONTACT.name, source="x"), key="garbage/1", raw=b"{", headers=())
KEPT = replace(
    GARBAGE,
    topic=topics.CONTACT.dead_letters("intake"),
    headers=(("dlq_partition", b"0"), ("dlq_offset", b"11"), ("dlq_message", b"not JSON")),
)

BROKEN: list[tuple[Judge, list[Entry], dict[str, Any]]] = [
    # a contact that never became a ticket, one that became two, a ticket out of nowhere
    (effects.one_ticket_a_contact, RIGHT, {"contacts": {"c1": 0.0, "c2": 0.0}}),
    (effects.one_ticket_a_contact, more(entry("opened", "t2", contact_id="c1")), {}),
    (effects.one_ticket_a_contact, more(entry("opened", "t2", contact_id="c9")), {}),
    # a further contact that is lost, one in two places, one in another's ticket, one nobody sent
    (effects.one_amendment_each, RIGHT, {"amendments": {"m1": 0.0}, "matter_of": {"m1": "c1"}}),
    (
        effects.one_amendment_each,
        more(entry("amended", contact_id="m1"), entry("amended", contact_id="m1")),
        {"amendments": {"m1": 0.0}, "matter_of": {"m1": "c1"}},
    ),
    (
        effects.one_amendment_each,
        more(entry("amended", "t2", contact_id="m1")),
        {"amendments": {"m1": 0.0}, "matter_of": {"m1": "c1"}},
    ),
    (effects.one_amendment_each, more(entry("amended", contact_id="m9")), {}),
    # no promise, no queue, no notice, somebody left in the queue
    (rest.everything_on_its_way, without("promised"), {}),
    (rest.everything_on_its_way, [one for one in RIGHT if one.verb not in ("queued", "assigned")], {}),
    (rest.everything_on_its_way, [one for one in RIGHT if one.topic == topics.TICKET.name], {}),
    (rest.everything_on_its_way, RIGHT, {"queued": 1}),
    # promised nothing, promised the same twice, warned twice
    (effects.promises_once, without("promised"), {}),
    (effects.promises_once, more(life()[1]), {}),
    (effects.promises_once, more(*[entry("warned", clock="plan", due="1")] * 2), {}),
    (effects.promises_once, more(*[entry("breached", clock="plan", due="1")] * 2), {}),
    # an attempt twice, an attempt left out
    (effects.assignments_once, more(entry("assigned", agent_id="A1", attempt=1)), {}),
    (effects.assignments_once, more(entry("assigned", agent_id="A1", attempt=3)), {}),
    # a level twice
    (
        effects.escalations_once,
        more(
            entry("breached", clock="plan", due="1"),
            *[entry("escalated", clock="plan", level=1, cause="breach")] * 2,
        ),
        {},
    ),
    # two tickets for one seat, an agent nobody knows, books that say something else
    (
        capacity.within_capacity,
        log(entry("assigned", "t1", agent_id="A1", attempt=1), entry("assigned", "t2", agent_id="A1", attempt=1)),
        {"loads": {"A1": 2}},
    ),
    (capacity.within_capacity, log(entry("assigned", agent_id="A9", attempt=1)), {}),
    (capacity.within_capacity, RIGHT, {"loads": {"A1": 1}}),
    # one id for two events, one number for two events
    (identity.ids_unique, more(replace(life()[0], event_id="id-2")), {}),
    (identity.ids_unique, more(replace(entry("queued"), sequence=3)), {}),
    # an event before its ticket, an answer before anybody accepted, numbers that go back, a notice nobody planned
    (order.causes_first, log(*reversed(life())), {}),
    (order.causes_first, log(*life()[:4], *life()[5:]), {}),
    (order.causes_first, more(replace(entry("closed"), sequence=2)), {}),
    (order.causes_first, log(*life(), notice("delivered")), {}),
    (order.causes_first, log(notice("planned"), *life()), {}),
    # sent twice, arrived twice, taken without a plan, accepted without being taken, rejected, nothing sent at all
    (sends.sent_once, RIGHT, {"taken": {"n1": 2}}),
    (sends.sent_once, RIGHT, {"arrived": {"n1": 2}}),
    (sends.sent_once, RIGHT, {"taken": {"n1": 1, "n2": 1}}),
    (sends.sent_once, RIGHT, {"taken": {}}),
    (sends.sent_once, more(notice("rejected", reason="timestamp_not_fresh")), {}),
    (sends.sent_once, log(*life(), notice("planned")), {"taken": {}, "arrived": {}}),
    # garbage that is lost, garbage that was changed, a letter about nothing
    (letters.garbage_kept, more(GARBAGE), {}),
    (letters.garbage_kept, more(GARBAGE, replace(KEPT, raw=b"}")), {}),
    (letters.garbage_kept, more(KEPT), {}),
    # a letter with a technical reason, an action that is lost, one refused without a letter
    (letters.nothing_else_refused, more(replace(LETTER, headers=(("dlq_exception", b"KeyError"),))), {}),
    (letters.nothing_else_refused, RIGHT, {"outcomes": {}}),
    (letters.nothing_else_refused, RIGHT, {"outcomes": {"a1": "refused"}}),
    # something left over
    (rest.outboxes_empty, RIGHT, {"outboxes": {"intake": 1}}),
    (rest.no_lag, RIGHT, {"lags": {"intake support.contact.v1[0]": 1}}),
    (rest.everybody_works, RIGHT, {"unready": {"intake-1": "halted"}}),
]


@pytest.mark.parametrize(("judge", "wrong", "facts"), BROKEN)
def test_an_invariant_sees_what_is_wrong(judge: Judge, wrong: list[Entry], facts: dict[str, Any]) -> None:
    """The invariant sees what is wrong."""
    assert not judge(Evidence(log=wrong, **{**FACTS, **facts})).holds


def test_every_invariant_can_fail() -> None:
    """There is no invariant without a log that breaks it."""
    assert {judge for judge, _, _ in BROKEN} == set(invariants.ALL)


def test_said_again_word_for_word() -> None:
    """An event published again with the same id and content is counted, and breaks nothing."""
    again = replace(RIGHT[0], offset=99)
    verdicts = [judge(Evidence(log=[*RIGHT, again], **FACTS)) for judge in invariants.ALL]
    assert all(verdict.holds for verdict in verdicts)
    assert "1 of them published again" in identity.ids_unique(Evidence(log=[*RIGHT, again])).found


def test_garbage_byte_for_byte() -> None:
    """Garbage that lies in the dead letters as it came is as it should be."""
    assert letters.garbage_kept(Evidence(log=more(GARBAGE, KEPT))).holds


def test_late_actions_may_be_refused() -> None:
    """Who acts on what was true a moment ago is refused with a business reason, and that is right."""
    letter = replace(LETTER, headers=(("dlq_exception", b"wrong_state"), ("dlq_message", b"too late")))
    facts = {**FACTS, "actions": frozenset({"a9"}), "outcomes": {"a9": "refused"}}
    assert letters.nothing_else_refused(Evidence(log=more(letter), **facts)).holds


def test_a_seat_that_is_free_again() -> None:
    """A ticket that is declined frees the seat for the next, in routing's order, wherever the records lie."""
    first = entry("assigned", "t1", agent_id="A1", attempt=1)
    declined = entry("declined", "t1", agent_id="A1")
    second = entry("assigned", "t2", agent_id="A1", attempt=1)
    ordered = log(first, declined, second)
    evidence = Evidence(log=[ordered[2], ordered[0], ordered[1]], capacity={"A1": 1}, loads={"A1": 1})
    assert capacity.within_capacity(evidence).holds
