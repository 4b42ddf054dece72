"""Laws of the clocks, over whatever can happen to a ticket in whatever order."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.domain.clock_state import TicketClocks, from_json, to_json
from services.sla.domain.decisions import Decision, timers
from services.sla.domain.promises import Target
from shared.contracts.tickets import TicketBreached, TicketEscalated, TicketPromised, TicketWarned
from tests.unit.sla import moves
from tests.unit.sla.samples import HOUR, OPENED, POLICY_INPUT, TERMS

RUNG_TIME = HOUR / 2

STEPS = (
    "amended", "agent", "bot", "wait_member", "wait_supplier", "resumed", "resolved", "reopened", "closed", "appealed",
    "acknowledged", "faster", "slower", "simple", "time",
)  # fmt: skip
OTHER_TERMS = {
    "faster": replace(TERMS, policy="faster", first_answer=Target(HOUR, HOUR / 4), plan=Target(4 * HOUR, HOUR)),
    "slower": TERMS,
    "simple": replace(TERMS, plan=None, calendar="office@1"),
}
histories = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 600)), max_size=25)


def step(state: TicketClocks, what: str, at: datetime) -> Decision:
    match what:
        case "amended":
            return moves.on_amended(state, at)
        case "agent" | "bot":
            return moves.on_answered(state, what, at)
        case "wait_member" | "wait_supplier":
            return moves.on_waiting(state, what.removeprefix("wait_"), at)
        case "resumed":
            return moves.on_resumed(state, at)
        case "resolved":
            return moves.on_resolved(state, at)
        case "reopened":
            return moves.on_reopened(state, at)
        case "closed":
            return moves.on_closed(state, at)
        case "appealed":
            return moves.on_appealed(state, at)
        case "acknowledged":
            return moves.on_acknowledged(state)
        case "time":
            return moves.on_time(state, at)
        case _:
            return moves.on_terms(state, POLICY_INPUT, OTHER_TERMS[what], at)


def play(history: list[tuple[str, int]], *, punctual: bool) -> list[tuple[datetime, Decision]]:
    """Runs a history; when punctual, every timer fires at its time, as the service does it."""
    decision, at = moves.on_opened(POLICY_INPUT, TERMS, OPENED), OPENED
    played = [(at, decision)]

    for what, minutes in history:
        until = at + timedelta(minutes=minutes)
        while punctual and (due := timers(played[-1][1].state)) and min(due.values()) < until:
            at = max(at, min(due.values()))
            played.append((at, moves.on_time(played[-1][1].state, at)))
        at = until
        played.append((at, step(played[-1][1].state, what, at)))
    return played


@given(histories, st.booleans())
@settings(max_examples=300, deadline=None)
def test_nothing_is_said_twice(history: list[tuple[str, int]], punctual: bool) -> None:
    """A clock's cycle is warned of and broken at most once."""
    said: Counter[object] = Counter()
    for _, decision in play(history, punctual=punctual):
        cycles = {clock.name: clock.cycle for clock in decision.state.clocks}
        for event in decision.events:
            if isinstance(event, TicketWarned | TicketBreached):
                said[type(event), event.clock, cycles[event.clock]] += 1
    assert not [key for key, count in said.items() if count > 1]


@given(histories, st.booleans())
@settings(max_examples=300, deadline=None)
def test_the_ladder_is_climbed_one_rung_at_a_time(history: list[tuple[str, int]], punctual: bool) -> None:
    """Whatever clocks break and whoever clicks how often, each level is called once, in order, never two in one go."""
    decisions = [decision for _, decision in play(history, punctual=punctual)]
    called = [[event.level for event in one.events if isinstance(event, TicketEscalated)] for one in decisions]
    assert max(map(len, called)) <= 1
    levels = [level for one in called for level in one]
    assert levels == list(range(1, len(levels) + 1))


@given(histories)
@settings(max_examples=300, deadline=None)
def test_who_was_called_is_given_time(history: list[tuple[str, int]]) -> None:
    """The next level follows only after this one's time, or after somebody took charge, answered or solved it."""
    called_at = None
    for at, decision in play(history, punctual=True):
        for event in decision.events:
            if isinstance(event, TicketEscalated):
                assert called_at is None or at >= called_at + RUNG_TIME
                called_at = at
        if not decision.state.ladder.under_way:
            called_at = None


@given(histories)
@settings(max_examples=300, deadline=None)
def test_no_promise_breaks_in_the_past_when_timers_are_punctual(history: list[tuple[str, int]]) -> None:
    """With punctual timers a breach is told at its due time, whatever terms changed on the way."""
    for at, decision in play(history, punctual=True):
        for event in decision.events:
            if isinstance(event, TicketBreached):
                assert event.due == at


@given(histories)
@settings(max_examples=200, deadline=None)
def test_the_row_is_enough(history: list[tuple[str, int]]) -> None:
    """At any point the state can be written, read by another process, and goes on as if nothing had happened."""
    for at, decision in play(history, punctual=False):
        assert from_json(json.loads(to_json(decision.state))) == decision.state
        repeated = moves.on_time(decision.state, at)
        assert moves.on_time(repeated.state, at).events == ()


@given(st.lists(st.tuples(st.sampled_from(["wait", "resume", "resolve", "reopen"]), st.integers(0, 300)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_the_plan_moves_by_the_pauses_and_no_more(history: list[tuple[str, int]]) -> None:
    """Round the clock, the plan is due its length after the opening, plus the waits allowed, plus the idle time."""
    length = 1000 * HOUR
    terms = replace(TERMS, plan=Target(length, HOUR))
    state, at, waited, idle = (
        moves.on_opened(POLICY_INPUT, terms, OPENED).state,
        OPENED,
        timedelta(0),
        timedelta(0),
    )
    resting = waiting = False
    for what, minutes in history:
        passed = timedelta(minutes=minutes)
        at, idle = at + passed, idle + (passed if resting else timedelta(0))
        waited += passed if waiting else timedelta(0)
        if what == "wait":
            state, waiting = moves.on_waiting(state, "member", at).state, waiting or not resting
        elif what == "resume":
            state, waiting = moves.on_resumed(state, at).state, False
        elif what == "resolve":
            state, waiting, resting = moves.on_resolved(state, at).state, False, True
        else:
            state, resting = moves.on_reopened(state, at).state, False
    if resting or waiting:
        return
    plan = state.clock("plan")
    assert plan is not None
    assert plan.due - OPENED == length + min(waited, terms.max_member_pause) + idle


@given(histories)
@settings(max_examples=200, deadline=None)
def test_the_last_promise_published_is_the_one_that_stands(history: list[tuple[str, int]]) -> None:
    """Whoever reads the log knows the due times the timers will fire at."""
    promised: TicketPromised | None = None
    for _, decision in play(history, punctual=False):
        for event in decision.events:
            promised = event if isinstance(event, TicketPromised) else promised
        wanted = timers(decision.state)
        assert promised is not None
        assert wanted.get("breach:first_answer", promised.first_answer_due) == promised.first_answer_due
        assert wanted.get("breach:plan", promised.plan_due) == promised.plan_due
        assert wanted.get("breach:next_answer", promised.next_answer_due) == promised.next_answer_due
