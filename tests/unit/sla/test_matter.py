"""What a ticket is promised of which a greeting was the first word, and the matter the second."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.sla.domain import clocks
from services.sla.domain.clock_state import TicketClocks
from services.sla.domain.decisions import Promised
from services.sla.domain.promises import Target
from tests.unit.sla.tickets import CALENDARS, FACTS, HOUR, TERMS, after, on_time, opened


def due(state: TicketClocks, name: str) -> datetime:
    clock = state.clock(name)
    assert clock is not None
    return clock.due


def test_promises_count_from_the_matter_of_a_ticket_a_greeting_opened() -> None:
    """The plan counts from when the matter was told, and so does a faster first answer; one promised sooner stays."""
    greeted = opened(replace(TERMS, plan=None))
    told = clocks.on_matter(greeted, FACTS, TERMS, after(1), after(1.2), CALENDARS)
    assert told.events == (Promised(after(2), after(25), None, "standard", "always@1"),)
    assert due(clocks.on_resumed(told.state, after(1.5), CALENDARS).state, "first_answer") == after(2)
    faster = replace(TERMS, policy="fast", first_answer=Target(HOUR / 2, HOUR / 4), plan=None)
    hurried = clocks.on_matter(greeted, replace(FACTS, problem_type="refund"), faster, after(1), after(1), CALENDARS)
    assert hurried.events == (Promised(after(1.5), None, None, "fast", "always@1"),)
    same = clocks.on_matter(greeted, greeted.facts, greeted.terms, after(1), after(1), CALENDARS)
    assert (same.events, due(same.state, "first_answer")) == ((), after(2))


@pytest.mark.parametrize("ended", [clocks.on_resolved, clocks.on_closed])
def test_a_matter_moves_no_promise_of_what_is_over(ended: Any) -> None:
    """What was answered, broken or ended stays so."""
    answered = clocks.on_answered(opened(replace(TERMS, plan=None)), "agent", after(1)).state
    told = clocks.on_matter(answered, FACTS, TERMS, after(2), after(2), CALENDARS)
    assert (told.events, due(told.state, "first_answer")) == ((), after(2))
    over = ended(opened(), after(1)).state
    assert (
        clocks.on_matter(over, replace(FACTS, problem_type="refund"), TERMS, after(2), after(2), CALENDARS).events == ()
    )
    broken = on_time(opened(), 2).state
    late = clocks.on_matter(broken, replace(FACTS, problem_type="refund"), TERMS, after(3), after(3), CALENDARS).state
    assert due(late, "first_answer") == after(2)
