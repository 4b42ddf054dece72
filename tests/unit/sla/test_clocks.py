"""The clocks of one ticket, case by case: what starts, pauses, meets and breaks a promise."""

from dataclasses import replace
from datetime import datetime

import pytest

from services.sla.domain.clock_state import ClockStatus, TicketClocks
from services.sla.domain.decisions import timers
from services.sla.domain.promises import Target
from shared.contracts.tickets import TicketBreached, TicketEscalated
from tests.unit.sla import moves
from tests.unit.sla.samples import ALWAYS, CALENDARS, HOUR, OPENED, POLICY_INPUT, TERMS, after
from tests.unit.sla.tickets import moved, on_time, opened


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
    decision = moves.on_opened(POLICY_INPUT, TERMS, OPENED)
    assert decision.events == (moves.promised(after(2), after(24), None, "standard", "always@1"),)
    assert timers(decision.state) == {
        "warn:first_answer": after(1.5),
        "breach:first_answer": after(2),
        "warn:plan": after(18),
        "breach:plan": after(24),
    }


def test_a_simple_ticket_is_promised_no_plan() -> None:
    """Terms without a plan start no plan clock."""
    decision = moves.on_opened(POLICY_INPUT, replace(TERMS, plan=None), OPENED)
    assert decision.events == (moves.promised(after(2), None, None, "standard", "always@1"),)
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
    decision = moves.on_answered(opened(), "bot", after(0.1))
    assert status(decision.state, "first_answer") is ClockStatus.MET
    assert status(decision.state, "plan") is ClockStatus.RUNNING
    assert moved(opened(), decision) == {"breach:first_answer": None, "warn:first_answer": None}
    assert decision.events == ()
    planned = moves.on_answered(decision.state, "agent", after(20))
    assert status(planned.state, "plan") is ClockStatus.MET
    assert moved(decision.state, planned) == {"breach:plan": None, "warn:plan": None}


def test_a_warning_comes_once_and_then_the_breach_once() -> None:
    """Before the due time somebody is warned, at it the promise breaks and a supervisor is called, each once."""
    warned = on_time(opened(), 1.5)
    assert warned.events == (moves.warned("first_answer", after(2), 0),)
    assert on_time(warned.state, 1.6).events == ()
    broken = on_time(warned.state, 2)
    assert broken.events == (
        moves.breached("first_answer", after(2), 1),
        moves.escalated(1, "supervisor", "breach", "first_answer"),
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
    assert [type(event) for event in events] == [TicketBreached, TicketEscalated, TicketBreached]


def test_an_answer_exactly_at_the_due_time_keeps_the_promise() -> None:
    """Due means until and with the due time."""
    decision = moves.on_answered(opened(), "agent", after(2))
    assert decision.events == ()


def test_a_late_answer_is_a_breach_though_no_timer_fired() -> None:
    """An answer that came too late while sla was down is told as a breach, and nobody is called for it any more."""
    decision = moves.on_answered(opened(), "agent", after(3))
    assert decision.events == (moves.breached("first_answer", after(2), 0),)
    assert not [kind for kind in timers(decision.state) if kind.startswith("climb")]


def test_the_plan_pauses_for_the_member_only() -> None:
    """Three hours of waiting for the member move the plan by three hours and the first answer not at all."""
    waiting = moves.on_waiting(opened(), "member", after(1))
    resumed = moves.on_resumed(waiting.state, after(4))
    assert due(resumed.state, "plan") == after(27)
    assert due(resumed.state, "first_answer") == after(2)
    assert resumed.events == (moves.promised(after(2), after(27), None, "standard", "always@1"),)
    assert moved(waiting.state, resumed) == {"warn:plan": after(21), "breach:plan": after(27)}


@pytest.mark.parametrize("on", ["supplier", "internal", "the_weather"])
def test_waiting_for_others_pauses_nothing(on: str) -> None:
    """While a supplier or a colleague is waited for, the member's promise runs on."""
    decision = moves.on_waiting(opened(), on, after(1))
    assert (decision.events, moved(opened(), decision)) == ((), {})


def test_waiting_for_the_member_cannot_last_for_ever() -> None:
    """All waits of a ticket together pause the plan for no longer than the allowance."""
    state = opened()
    waiting = moves.on_waiting(state, "member", after(1)).state
    assert due(waiting, "plan") == after(34)
    state = moves.on_resumed(waiting, after(8)).state
    assert due(state, "plan") == after(31)
    state = moves.on_waiting(state, "member", after(9)).state
    assert due(state, "plan") == after(34)
    state = moves.on_resumed(state, after(30)).state
    assert due(state, "plan") == after(34)


def test_the_members_message_ends_the_wait_for_it() -> None:
    """Once the member has written, the plan goes on, whoever is slow to say so."""
    waiting = moves.on_waiting(opened(), "member", after(1)).state
    assert due(moves.on_amended(waiting, after(2)).state, "plan") == after(25)


def test_a_message_before_any_answer_starts_nothing() -> None:
    """While the first answer is still owed, a further message does not start a second promise."""
    assert moves.on_amended(opened(), after(1)).state.clock("next_answer") is None


def test_the_next_answer_runs_from_message_to_answer() -> None:
    """A message after an answer starts the next-answer clock, a second does not restart it, an answer ends it."""
    state = moves.on_answered(opened(), "agent", after(1)).state
    asked = moves.on_amended(state, after(5))
    assert asked.events == (moves.promised(after(2), after(24), after(9), "standard", "always@1"),)
    assert moved(state, asked) == {"warn:next_answer": after(8), "breach:next_answer": after(9)}
    again = moves.on_amended(asked.state, after(6))
    assert due(again.state, "next_answer") == after(9)
    answered = moves.on_answered(again.state, "agent", after(7))
    assert moved(again.state, answered) == {"breach:next_answer": None, "warn:next_answer": None}
    later = moves.on_amended(answered.state, after(20)).state.clock("next_answer")
    assert later is not None
    assert (later.cycle, later.due) == (2, after(24))


def test_a_reopened_ticket_goes_on_with_what_was_left() -> None:
    """The time between resolved and reopened counts for no clock."""
    resolved = moves.on_resolved(opened(), after(1))
    assert resolved.events == ()
    assert timers(resolved.state) == {}
    assert on_time(resolved.state, 100).events == ()
    reopened = moves.on_reopened(resolved.state, after(101))
    assert due(reopened.state, "first_answer") == after(102)
    assert due(reopened.state, "plan") == after(124)
    assert reopened.events == (moves.promised(after(102), after(124), None, "standard", "always@1"),)


def test_a_ticket_reopened_with_nothing_left_is_owed_an_answer() -> None:
    """When every promise was met before, reopening starts the next-answer clock."""
    state = moves.on_answered(opened(), "agent", after(1)).state
    state = moves.on_resolved(state, after(2)).state
    assert due(moves.on_reopened(state, after(50)).state, "next_answer") == after(54)


def test_a_promise_is_broken_once_even_when_reopened() -> None:
    """A promise broken before the ticket was resolved is not broken again after it is reopened."""
    state = on_time(opened(replace(TERMS, plan=None)), 2).state
    state = moves.on_resolved(state, after(3)).state
    state = moves.on_reopened(state, after(4)).state
    events = on_time(state, 200).events
    assert [event.clock for event in events if isinstance(event, TicketBreached)] == ["next_answer"]


def test_closing_ends_every_timer_but_for_reopening() -> None:
    """A closed ticket has no timer, and nothing starts one again but reopening."""
    state = moves.on_closed(on_time(opened(), 2).state, after(3)).state
    for decision in (
        moves.on_waiting(state, "member", after(4)),
        moves.on_amended(state, after(4)),
        moves.on_appealed(state, after(4)),
        moves.on_time(state, after(400)),
    ):
        assert (decision.events, timers(decision.state)) == ((), {})


def test_new_terms_count_from_the_opening() -> None:
    """A faster promise is due its own length after the opening, not after the change."""
    faster = replace(TERMS, policy="gold", plan=Target(12 * HOUR, HOUR))
    decision = moves.on_terms(opened(), replace(POLICY_INPUT, tier="gold"), faster, after(1))
    assert decision.events == (moves.promised(after(2), after(12), None, "gold", "always@1"),)
    assert moved(opened(), decision) == {"warn:plan": after(11), "breach:plan": after(12)}


def test_new_terms_never_break_a_promise_in_the_past() -> None:
    """A promise whose new time is used up already is due now, says so, and breaks without a warning."""
    faster = replace(TERMS, first_answer=Target(HOUR / 2, HOUR / 4))
    decision = moves.on_terms(opened(), POLICY_INPUT, faster, after(1))
    assert decision.events == (moves.promised(after(1), after(24), None, "standard", "always@1", ("first_answer",)),)
    assert [type(event) for event in on_time(decision.state, 1).events] == [TicketBreached, TicketEscalated]
    answered = moves.on_answered(decision.state, "agent", after(1))
    assert answered.events == ()


def test_a_ticket_found_to_be_complex_owes_its_plan_from_the_opening() -> None:
    """Corrected from simple to complex, the plan's time counts from the opening with earlier waits left out."""
    state = opened(replace(TERMS, plan=None))
    state = moves.on_waiting(state, "member", after(1)).state
    state = moves.on_resumed(state, after(3)).state
    assert due(moves.on_terms(state, POLICY_INPUT, TERMS, after(4)).state, "plan") == after(26)


def test_an_agents_answer_is_a_plan_already_given() -> None:
    """A ticket an agent has answered owes no plan when it turns out to be complex."""
    state = moves.on_answered(opened(replace(TERMS, plan=None)), "agent", after(1)).state
    assert moves.on_terms(state, POLICY_INPUT, TERMS, after(4)).state.clock("plan") is None


def test_a_plan_no_longer_promised_is_dropped_and_can_return() -> None:
    """Complex to simple drops the plan and its timers; back again, it counts from the opening, due now at least."""
    dropped = moves.on_terms(opened(), POLICY_INPUT, replace(TERMS, plan=None), after(1))
    assert moved(opened(), dropped) == {"breach:plan": None, "warn:plan": None}
    assert dropped.events == (moves.promised(after(2), None, None, "standard", "always@1"),)
    assert due(moves.on_terms(dropped.state, POLICY_INPUT, TERMS, after(5)).state, "plan") == after(24)
    assert due(moves.on_terms(dropped.state, POLICY_INPUT, TERMS, after(30)).state, "plan") == after(30)


def test_terms_changed_while_resolved_are_due_at_the_reopening() -> None:
    """A promise shortened while the ticket lay resolved falls due when it is reopened, not before."""
    state = moves.on_resolved(opened(), after(1)).state
    shorter = replace(TERMS, first_answer=Target(HOUR / 2, HOUR / 4))
    state = moves.on_terms(state, POLICY_INPUT, shorter, after(2)).state
    assert due(moves.on_reopened(state, after(9)).state, "first_answer") == after(9)


def test_a_promise_keeps_the_calendar_it_was_given() -> None:
    """Every later decision asks the calendar version of the ticket's own terms."""
    state = opened(replace(TERMS, calendar="office@1"))
    newer = {**CALENDARS, "office@2": ALWAYS}
    assert due(moves.on_resumed(state, after(5), newer).state, "plan") == OPENED.replace(day=4, hour=17)


@pytest.mark.parametrize(
    ("remark", "owed"), [("matter", True), ("greeting", True), ("courtesy", False), ("automatic", False)]
)
def test_thanks_and_machine_notes_want_no_answer(remark: str, owed: bool) -> None:
    """After an answer a matter and a greeting start the next-answer clock; thanks and a machine's note do not."""
    answered = moves.on_answered(opened(), "agent", after(1)).state
    amended = moves.on_amended(answered, after(2), remark).state
    assert (amended.clock("next_answer") is not None) is owed


@pytest.mark.parametrize("remark", ["greeting", "courtesy", "automatic"])
def test_what_supplies_nothing_ends_no_wait(remark: str) -> None:
    """The plan stays paused until the member gives what they were asked for."""
    waiting = moves.on_waiting(opened(), "member", after(1)).state
    assert moves.on_amended(waiting, after(2), remark).state.waiting_since == after(1)
    assert moves.on_amended(waiting, after(2)).state.waiting_since is None


def test_a_clock_always_has_its_times() -> None:
    """A plan that comes to be promised while a ticket lies resolved is timed from the opening like any other."""
    state = moves.on_resolved(opened(replace(TERMS, plan=None)), after(1)).state
    state = moves.on_terms(state, POLICY_INPUT, TERMS, after(2)).state
    assert (status(state, "plan"), due(state, "plan")) == (ClockStatus.SUSPENDED, after(24))
    assert due(moves.on_reopened(state, after(5)).state, "plan") == after(28)
