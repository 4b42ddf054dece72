"""What a ticket is promised of which a greeting was the first word, and the matter the second."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.sla.domain.clock_state import TicketClocks
from services.sla.domain.promises import Target
from tests.unit.sla import moves
from tests.unit.sla.samples import HOUR, POLICY_INPUT, TERMS, after
from tests.unit.sla.tickets import on_time, opened


def due(state: TicketClocks, name: str) -> datetime:
    clock = state.clock(name)
    assert clock is not None
    return clock.due


def test_promises_count_from_the_matter_of_a_ticket_a_greeting_opened() -> None:
    """The plan counts from when the matter was told, and so does a faster first answer; one promised sooner stays."""
    greeted = opened(replace(TERMS, plan=None))
    told = moves.on_matter(greeted, POLICY_INPUT, TERMS, after(1), after(1.2))
    assert told.events == (moves.promised(after(2), after(25), None, "standard", "always@1"),)
    assert due(moves.on_resumed(told.state, after(1.5)).state, "first_answer") == after(2)
    faster = replace(TERMS, policy="fast", first_answer=Target(HOUR / 2, HOUR / 4), plan=None)
    hurried = moves.on_matter(greeted, replace(POLICY_INPUT, problem_type="refund"), faster, after(1), after(1))
    assert hurried.events == (moves.promised(after(1.5), None, None, "fast", "always@1"),)
    same = moves.on_matter(greeted, greeted.policy_input, greeted.terms, after(1), after(1))
    assert (same.events, due(same.state, "first_answer")) == ((), after(2))


@pytest.mark.parametrize("ended", [moves.on_resolved, moves.on_closed])
def test_a_matter_moves_no_promise_of_what_is_over(ended: Any) -> None:
    """What was answered, broken or ended stays so."""
    answered = moves.on_answered(opened(replace(TERMS, plan=None)), "agent", after(1)).state
    told = moves.on_matter(answered, POLICY_INPUT, TERMS, after(2), after(2))
    assert (told.events, due(told.state, "first_answer")) == ((), after(2))
    over = ended(opened(), after(1)).state
    assert moves.on_matter(over, replace(POLICY_INPUT, problem_type="refund"), TERMS, after(2), after(2)).events == ()
    broken = on_time(opened(), 2).state
    late = moves.on_matter(broken, replace(POLICY_INPUT, problem_type="refund"), TERMS, after(3), after(3)).state
    assert due(late, "first_answer") == after(2)
