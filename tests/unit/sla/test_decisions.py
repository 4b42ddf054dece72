"""What comes out of a decision, and what is kept of it."""

import json

from services.sla.domain import clocks
from services.sla.domain.clock_state import from_json, to_json
from tests.unit.sla import moves
from tests.unit.sla.samples import after
from tests.unit.sla.tickets import opened


def test_the_state_survives_its_row() -> None:
    """Written to JSON and read again, the state is the same and decides the same."""
    state = moves.on_waiting(opened(), "member", after(1)).state
    state = moves.on_appealed(state, after(1.5)).state
    assert from_json(json.loads(to_json(state))) == state


def test_rows_of_earlier_versions_are_read() -> None:
    """What a policy was chosen by stands in a row under the name it always had there."""
    document = json.loads(to_json(opened()))
    assert document["facts"] == {
        "tier": "standard",
        "complexity": "complex",
        "problem_type": "topup_not_arrived",
        "urgency": "normal",
    }


def test_every_event_names_its_ticket_and_the_moment_of_the_decision() -> None:
    """Whoever reads one event of the log needs no other to know whose it is, and when it was decided."""
    now = after(2.5)
    events = clocks.on_time(moves.context(now), opened()).events
    assert len(events) == 2
    for event in events:
        assert (event.ticket_id, event.ticket_no, event.member_id, event.tier, event.at) == (
            str(moves.TICKET_ID),
            "T-7",
            "m-7",
            "standard",
            now,
        )
