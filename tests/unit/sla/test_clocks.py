"""The clocks of one ticket, case by case: what starts, pauses, meets and breaks a promise."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from services.sla.domain import clocks
from services.sla.domain.clock_state import ClockStatus, TicketClocks, from_json, to_json
from services.sla.domain.decisions import Breached, Escalated, Promised, Warned, timers
from services.sla.domain.promises import Target
from tests.unit.sla.tickets import ALWAYS, CALENDARS, FACTS, HOUR, OPENED, TERMS, after, moved, on_time, opened


def due(state: TicketClocks, name: str) -> datetime:
    clock = state.clock(name)
    assert clock is not None
    return clock.due


def status(state: TicketClocks, name: str) -> ClockStatus:
    clock = state.clock(name)
    assert clock is not None
    return clock.status


def test_a_complex_ticket_is_promised_two_things() -> None:
    """Opening promises a first answer and a plan, and sets a warning and a deadline for each."""
    decision = clocks.on_opened(FACTS, TERMS, OPENED, CALENDARS)
    assert decision.events == (Promised(after(2), after(24), None, "standard", "always@1"),)
    assert timers(decision.state) == {
        "warn:first_answer": after(1.5),
        "breach:first_answer": after(2),
        "warn:plan": after(18),
        "breach:plan": after(24),
    }


def test_a_simple_ticket_is_promised_no_plan() -> None:
    """Terms without a plan start no plan clock."""
    decision = clocks.on_opened(FACTS, replace(TERMS, plan=None), OPENED, CALENDARS)
    assert decision.events == (Promised(after(2), None, None, "standard", "always@1"),)
    assert set(timers(decision.state)) == {"warn:first_answer", "breach:first_answer"}


def test_only_working_time_counts() -> None:
    """On an office calendar, 24 hours of promise are three working days, and the warning is in working time too."""
    state = opened(replace(TERMS, calendar="office@1"))
    assert due(state, "first_answer") == after(3)
    assert due(state, "plan") == OPENED.replace(day=4, hour=17)
    plan = state.clock("plan")
    assert plan is not None
    assert plan.warn_at == OPENED.replace(day=4, hour=11)


def test_a_machine_answers_first_but_plans_nothing() -> None:
    """A bot's answer meets the first answer; the plan goes on until an agent answers."""
    decision = clocks.on_answered(opened(), "bot", after(0.1))
    assert status(decision.state, "first_answer") is ClockStatus.MET
    assert status(decision.state, "plan") is ClockStatus.RUNNING
    assert moved(opened(), decision) == {"breach:first_answer": None, "warn:first_answer": None}
    assert decision.events == ()
    planned = clocks.on_answered(decision.state, "agent", after(20))
    assert status(planned.state, "plan") is ClockStatus.MET
    assert moved(decision.state, planned) == {"breach:plan": None, "warn:plan": None}


def test_a_warning_comes_once_and_then_the_breach_once() -> None:
    """Before the due time somebody is warned, at it the promise breaks and a supervisor is called, each once."""
    warned = on_time(opened(), 1.5)
    assert warned.events == (Warned("first_answer", after(2), 0),)
    assert on_time(warned.state, 1.6).events == ()
    broken = on_time(warned.state, 2)
    assert broken.events == (
        Breached("first_answer", after(2), 1),
        Escalated(1, "supervisor", "breach", "first_answer"),
    )
    assert on_time(broken.state, 2.1).events == ()


def test_a_timer_that_comes_too_early_does_nothing() -> None:
    """A timer says only that it is worth looking; the clocks decide."""
    state = opened()
    decision = on_time(state, 1.49)
    assert (decision.state, decision.events) == (state, ())


def test_after_an_outage_a_breach_needs_no_warning() -> None:
    """What is late already when somebody looks is broken, not warned of."""
    events = on_time(opened(), 30).events
    assert [type(event) for event in events] == [Breached, Escalated, Breached]


def test_an_answer_exactly_at_the_due_time_keeps_the_promise() -> None:
    """Due means until and with the due time."""
    decision = clocks.on_answered(opened(), "agent", after(2))
    assert decision.events == ()


def test_a_late_answer_is_a_breach_though_no_timer_fired() -> None:
    """An answer that came too late while sla was down is told as a breach, and nobody is called for it any more."""
    decision = clocks.on_answered(opened(), "agent", after(3))
    assert decision.events == (Breached("first_answer", after(2), 0),)
    assert not [kind for kind in timers(decision.state) if kind.startswith("climb")]


def test_the_plan_pauses_for_the_member_only() -> None:
    """Three hours of waiting for the member move the plan by three hours and the first answer not at all."""
    waiting = clocks.on_waiting(opened(), "member", after(1), CALENDARS)
    resumed = clocks.on_resumed(waiting.state, after(4), CALENDARS)
    assert due(resumed.state, "plan") == after(27)
    assert due(resumed.state, "first_answer") == after(2)
    assert resumed.events == (Promised(after(2), after(27), None, "standard", "always@1"),)
    assert moved(waiting.state, resumed) == {"warn:plan": after(21), "breach:plan": after(27)}


@pytest.mark.parametrize("on", ["supplier", "internal", "the_weather"])
def test_waiting_for_others_pauses_nothing(on: str) -> None:
    """While a supplier or a colleague is waited for, the member's promise runs on."""
    decision = clocks.on_waiting(opened(), on, after(1), CALENDARS)
    assert (decision.events, moved(opened(), decision)) == ((), {})


def test_waiting_for_the_member_cannot_last_for_ever() -> None:
    """All waits of a ticket together pause the plan for no longer than the allowance."""
    state = opened()
    waiting = clocks.on_waiting(state, "member", after(1), CALENDARS).state
    assert due(waiting, "plan") == after(34)
    state = clocks.on_resumed(waiting, after(8), CALENDARS).state
    assert due(state, "plan") == after(31)
    state = clocks.on_waiting(state, "member", after(9), CALENDARS).state
    assert due(state, "plan") == after(34)
    state = clocks.on_resumed(state, after(30), CALENDARS).state
    assert due(state, "plan") == after(34)


def test_the_members_message_ends_the_wait_for_it() -> None:
    """Once the member has written, the plan goes on, whoever is slow to say so."""
    waiting = clocks.on_waiting(opened(), "member", after(1), CALENDARS).state
    assert due(clocks.on_amended(waiting, after(2), CALENDARS).state, "plan") == after(25)


def test_a_message_before_any_answer_starts_nothing() -> None:
    """While the first answer is still owed, a further message does not start a second promise."""
    assert clocks.on_amended(opened(), after(1), CALENDARS).state.clock("next_answer") is None


def test_the_next_answer_runs_from_message_to_answer() -> None:
    """A message after an answer starts the next-answer clock, a second does not restart it, an answer ends it."""
    state = clocks.on_answered(opened(), "agent", after(1)).state
    asked = clocks.on_amended(state, after(5), CALENDARS)
    assert asked.events == (Promised(after(2), after(24), after(9), "standard", "always@1"),)
    assert moved(state, asked) == {"warn:next_answer": after(8), "breach:next_answer": after(9)}
    again = clocks.on_amended(asked.state, after(6), CALENDARS)
    assert due(again.state, "next_answer") == after(9)
    answered = clocks.on_answered(again.state, "agent", after(7))
    assert moved(again.state, answered) == {"breach:next_answer": None, "warn:next_answer": None}
    later = clocks.on_amended(answered.state, after(20), CALENDARS).state.clock("next_answer")
    assert later is not None
    assert (later.cycle, later.due) == (2, after(24))


def test_a_reopened_ticket_goes_on_with_what_was_left() -> None:
    """The time between resolved and reopened counts for no clock."""
    resolved = clocks.on_resolved(opened(), after(1))
    assert resolved.events == ()
    assert timers(resolved.state) == {}
    assert on_time(resolved.state, 100).events == ()
    reopened = clocks.on_reopened(resolved.state, after(101), CALENDARS)
    assert due(reopened.state, "first_answer") == after(102)
    assert due(reopened.state, "plan") == after(124)
    assert reopened.events == (Promised(after(102), after(124), None, "standard", "always@1"),)


def test_a_ticket_reopened_with_nothing_left_is_owed_an_answer() -> None:
    """When every promise was met before, reopening starts the next-answer clock."""
    state = clocks.on_answered(opened(), "agent", after(1)).state
    state = clocks.on_resolved(state, after(2)).state
    assert due(clocks.on_reopened(state, after(50), CALENDARS).state, "next_answer") == after(54)


def test_a_promise_is_broken_once_even_when_reopened() -> None:
    """A promise broken before the ticket was resolved is not broken again after it is reopened."""
    state = on_time(opened(replace(TERMS, plan=None)), 2).state
    state = clocks.on_resolved(state, after(3)).state
    state = clocks.on_reopened(state, after(4), CALENDARS).state
    events = on_time(state, 200).events
    assert [event.clock for event in events if isinstance(event, Breached)] == ["next_answer"]


def test_closing_ends_everything() -> None:
    """A closed ticket has no timer, and nothing starts one again but reopening."""
    state = clocks.on_closed(on_time(opened(), 2).state, after(3)).state
    for decision in (
        clocks.on_waiting(state, "member", after(4), CALENDARS),
        clocks.on_amended(state, after(4), CALENDARS),
        clocks.on_appealed(state, after(4), CALENDARS),
        clocks.on_time(state, after(400), CALENDARS),
    ):
        assert (decision.events, timers(decision.state)) == ((), {})


def test_new_terms_count_from_the_opening() -> None:
    """A faster promise is due its own length after the opening, not after the change."""
    faster = replace(TERMS, policy="gold", plan=Target(12 * HOUR, HOUR))
    decision = clocks.on_terms(opened(), replace(FACTS, tier="gold"), faster, after(1), CALENDARS)
    assert decision.events == (Promised(after(2), after(12), None, "gold", "always@1"),)
    assert moved(opened(), decision) == {"warn:plan": after(11), "breach:plan": after(12)}


def test_new_terms_never_break_a_promise_in_the_past() -> None:
    """A promise whose new time is used up already is due now, says so, and breaks without a warning."""
    faster = replace(TERMS, first_answer=Target(HOUR / 2, HOUR / 4))
    decision = clocks.on_terms(opened(), FACTS, faster, after(1), CALENDARS)
    assert decision.events == (Promised(after(1), after(24), None, "standard", "always@1", ("first_answer",)),)
    assert [type(event) for event in on_time(decision.state, 1).events] == [Breached, Escalated]
    answered = clocks.on_answered(decision.state, "agent", after(1))
    assert answered.events == ()


def test_a_ticket_found_to_be_complex_owes_its_plan_from_the_opening() -> None:
    """Corrected from simple to complex, the plan's time counts from the opening with earlier waits left out."""
    state = opened(replace(TERMS, plan=None))
    state = clocks.on_waiting(state, "member", after(1), CALENDARS).state
    state = clocks.on_resumed(state, after(3), CALENDARS).state
    assert due(clocks.on_terms(state, FACTS, TERMS, after(4), CALENDARS).state, "plan") == after(26)


def test_an_agents_answer_is_a_plan_already_given() -> None:
    """A ticket an agent has answered owes no plan when it turns out to be complex."""
    state = clocks.on_answered(opened(replace(TERMS, plan=None)), "agent", after(1)).state
    assert clocks.on_terms(state, FACTS, TERMS, after(4), CALENDARS).state.clock("plan") is None


def test_a_plan_no_longer_promised_is_dropped_and_can_return() -> None:
    """Complex to simple drops the plan and its timers; back again, it counts from the opening, due now at least."""
    dropped = clocks.on_terms(opened(), FACTS, replace(TERMS, plan=None), after(1), CALENDARS)
    assert moved(opened(), dropped) == {"breach:plan": None, "warn:plan": None}
    assert dropped.events == (Promised(after(2), None, None, "standard", "always@1"),)
    assert due(clocks.on_terms(dropped.state, FACTS, TERMS, after(5), CALENDARS).state, "plan") == after(24)
    assert due(clocks.on_terms(dropped.state, FACTS, TERMS, after(30), CALENDARS).state, "plan") == after(30)


def test_terms_changed_while_resolved_are_due_at_the_reopening() -> None:
    """A promise shortened while the ticket lay resolved falls due when it is reopened, not before."""
    state = clocks.on_resolved(opened(), after(1)).state
    shorter = replace(TERMS, first_answer=Target(HOUR / 2, HOUR / 4))
    state = clocks.on_terms(state, FACTS, shorter, after(2), CALENDARS).state
    assert due(clocks.on_reopened(state, after(9), CALENDARS).state, "first_answer") == after(9)


def test_a_promise_keeps_the_calendar_it_was_given() -> None:
    """Every later decision asks the calendar version of the ticket's own terms."""
    state = opened(replace(TERMS, calendar="office@1"))
    newer = {**CALENDARS, "office@2": ALWAYS}
    assert due(clocks.on_resumed(state, after(5), newer).state, "plan") == OPENED.replace(day=4, hour=17)


def test_the_state_survives_its_row() -> None:
    """Written to JSON and read again, the state is the same and decides the same."""
    state = clocks.on_waiting(opened(), "member", after(1), CALENDARS).state
    state = clocks.on_appealed(state, after(1.5), CALENDARS).state
    assert from_json(json.loads(to_json(state))) == state


@pytest.mark.parametrize(
    ("remark", "owed"), [("matter", True), ("greeting", True), ("courtesy", False), ("automatic", False)]
)
def test_thanks_and_machine_notes_want_no_answer(remark: str, owed: bool) -> None:
    """After an answer a matter and a greeting start the next-answer clock; thanks and a machine's note do not."""
    answered = clocks.on_answered(opened(), "agent", after(1)).state
    amended = clocks.on_amended(answered, after(2), CALENDARS, remark).state
    assert (amended.clock("next_answer") is not None) is owed


@pytest.mark.parametrize("remark", ["greeting", "courtesy", "automatic"])
def test_what_supplies_nothing_ends_no_wait(remark: str) -> None:
    """The plan stays paused until the member gives what they were asked for."""
    waiting = clocks.on_waiting(opened(), "member", after(1), CALENDARS).state
    assert clocks.on_amended(waiting, after(2), CALENDARS, remark).state.waiting_since == after(1)
    assert clocks.on_amended(waiting, after(2), CALENDARS).state.waiting_since is None
