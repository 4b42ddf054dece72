"""The escalation ladder: who is called, when, and what makes it stop."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from services.sla.domain.clock_state import TicketClocks, from_json, to_json
from services.sla.domain.decisions import Decision, timers
from services.sla.domain.promises import LadderTerms
from shared.contracts.tickets import TicketEscalated
from tests.unit.sla import moves
from tests.unit.sla.samples import OPENED, POLICY_INPUT, RUNGS, TERMS, after
from tests.unit.sla.tickets import moved, on_time, opened


def broken() -> TicketClocks:
    return on_time(opened(), 2).state


def called(decision: Decision) -> list[tuple[int, str, str, str | None]]:
    found = [event for event in decision.events if isinstance(event, TicketEscalated)]
    return [(event.level, event.team, event.cause, event.clock) for event in found]


def test_unacknowledged_it_climbs_to_the_top_and_stays() -> None:
    """Supervisor, then technical, then operations, each after its own time, and then nobody."""
    second = on_time(broken(), 2.5)
    assert called(second) == [(2, "technical", "breach", "first_answer")]
    third = on_time(second.state, 3.5)
    assert called(third) == [(3, "operations", "breach", "first_answer")]
    assert moved(second.state, third)["climb"] is None
    assert called(on_time(third.state, 20)) == []


def test_it_does_not_climb_before_its_time() -> None:
    """The next level is called when the time of this one has run out, not earlier."""
    assert called(on_time(broken(), 2.49)) == []


def test_after_an_outage_each_level_still_has_its_time() -> None:
    """Hours late, one level is called, and its time runs from then on."""
    second = on_time(broken(), 10)
    assert called(second) == [(2, "technical", "breach", "first_answer")]
    assert timers(second.state)["climb"] == after(11)


def test_who_takes_charge_stops_the_climb() -> None:
    """Somebody who takes charge stops the climb; the next promise that breaks goes on above them."""
    decision = moves.on_acknowledged(broken())
    assert moved(broken(), decision) == {"climb": None}
    assert called(on_time(decision.state, 23)) == []
    assert called(on_time(decision.state, 24)) == [(2, "technical", "breach", "plan")]


@pytest.mark.parametrize("by", ["agent", "bot"])
def test_an_answer_ends_the_ladder_of_what_it_meets(by: str) -> None:
    """The answer that was owed ends the ladder of its clock."""
    decision = moves.on_answered(broken(), by, after(2.2))
    assert moved(broken(), decision)["climb"] is None
    assert decision.state.level == 0


def test_a_solution_ends_every_ladder() -> None:
    """Resolved, nobody further is called, for a clock or for an appeal."""
    state = moves.on_appealed(opened(), after(1)).state
    state = moves.on_resolved(on_time(state, 2).state, after(2.1)).state
    assert state.level == 0
    assert called(on_time(state, 50)) == []


def test_an_appeal_needs_no_broken_promise() -> None:
    """A member who appeals reaches a supervisor though every clock is in time."""
    decision = moves.on_appealed(opened(), after(1))
    assert called(decision) == [(1, "supervisor", "appeal", None)]
    assert moved(opened(), decision) == {"climb": after(1.5)}
    assert called(on_time(decision.state, 1.5)) == [(2, "technical", "appeal", None)]


def test_an_appeal_against_a_solution_climbs_too() -> None:
    """A member who appeals when the ticket is resolved is heard as one whose ticket is open."""
    state = moves.on_resolved(opened(), after(1)).state
    state = moves.on_appealed(state, after(2)).state
    assert called(on_time(state, 2.5)) == [(2, "technical", "appeal", None)]


def test_an_appeal_raises_a_ladder_that_stands() -> None:
    """Above somebody who took charge an appeal calls the next level."""
    acknowledged = moves.on_acknowledged(broken()).state
    decision = moves.on_appealed(acknowledged, after(2.2))
    assert called(decision) == [(2, "technical", "appeal", None)]
    assert moved(acknowledged, decision) == {"climb": after(3.2)}


def test_a_double_click_is_one_appeal() -> None:
    """While the level that was called has its time, further appeals call nobody."""
    state = moves.on_appealed(opened(), after(1)).state
    again = moves.on_appealed(state, after(1.01))
    assert called(again) == []
    assert timers(again.state)["climb"] == after(1.5)


def test_two_clocks_that_break_at_once_call_once() -> None:
    """First answer and plan of one moment reach the supervisor once, and then climb together."""
    state = opened(replace(TERMS, plan=TERMS.first_answer))
    first = on_time(state, 2)
    assert called(first) == [(1, "supervisor", "breach", "first_answer")]
    second = on_time(first.state, 2.5)
    assert called(second) == [(2, "technical", "breach", "first_answer")]
    assert [level for level, *_ in called(on_time(second.state, 3.5))] == [3]


def test_a_machines_answer_leaves_the_plan_to_be_called_for() -> None:
    """What a bot's answer meets is no reason any more; the broken plan still is, and is named from then on."""
    state = on_time(opened(replace(TERMS, plan=TERMS.first_answer)), 2).state
    state = moves.on_answered(state, "bot", after(2.1)).state
    assert called(on_time(state, 2.5)) == [(2, "technical", "breach", "plan")]


def test_a_reopened_ticket_climbs_from_where_it_was() -> None:
    """The rung that was reached before the solution is not left downward when it turns out to be none."""
    state = moves.on_resolved(on_time(broken(), 2.5).state, after(2.6)).state
    state = moves.on_reopened(state, after(5)).state
    assert called(moves.on_appealed(state, after(6))) == [(3, "operations", "appeal", None)]


def test_a_second_appeal_goes_one_above_the_first() -> None:
    """After a supervisor's answer the next appeal reaches technical; above the top there is nobody to call."""
    state, levels = opened(), []
    for hour in range(4):
        appealed = moves.on_appealed(state, after(1 + hour))
        levels += [level for level, _, _, _ in called(appealed)]
        state = moves.on_answered(appealed.state, "agent", after(1.5 + hour)).state
    assert levels == [1, 2, 3]


def test_a_machine_does_not_settle_an_appeal() -> None:
    """A bot's answer leaves the appeal's ladder climbing."""
    state = moves.on_appealed(opened(), after(1)).state
    state = moves.on_answered(state, "bot", after(1.2)).state
    assert called(on_time(state, 1.5)) == [(2, "technical", "appeal", None)]


def test_a_person_can_escalate() -> None:
    """An escalation by hand is an appeal with its own cause."""
    assert called(moves.on_appealed(opened(), after(1), "manual")) == [(1, "supervisor", "manual", None)]


def test_at_the_top_an_appeal_calls_nobody_twice() -> None:
    """While the last level is called, there is nobody above it."""
    state = on_time(on_time(broken(), 2.5).state, 3.5).state
    assert called(moves.on_appealed(state, after(4))) == []


def test_rungs_may_count_working_time() -> None:
    """A supervisor called at closing time has the next morning before technical is called."""
    terms = replace(TERMS, calendar="office@1", ladder=LadderTerms(RUNGS, working_time=True))
    state = moves.on_opened(POLICY_INPUT, terms, OPENED + timedelta(hours=7)).state
    first = on_time(state, 25)
    assert called(first) == [(1, "supervisor", "breach", "first_answer")]
    late = moves.on_appealed(state, after(9))
    assert timers(late.state)["climb"] == after(25.5)


def test_without_rungs_nobody_is_called() -> None:
    """A policy may break its promises quietly."""
    state = opened(replace(TERMS, ladder=LadderTerms()))
    assert called(on_time(state, 2)) == []
    assert called(moves.on_appealed(state, after(1))) == []


def test_rows_of_earlier_versions_keep_their_rung() -> None:
    """A ticket written when each clock had a ladder of its own goes on from the highest of them."""
    row = json.loads(to_json(opened()))
    del row["ladder"]
    climb_at = after(3).isoformat()
    of_clocks = {"cycle": 1, "cause": "breach", "active": True, "acknowledged": False}
    row["ladders"] = [
        {**of_clocks, "clock": "plan", "level": 1, "climb_at": after(4).isoformat()},
        {**of_clocks, "clock": "first_answer", "level": 2, "climb_at": climb_at},
    ]
    state = from_json(row)
    assert state.level == 2
    assert called(on_time(state, 3)) == [(3, "operations", "breach", "first_answer")]
