"""What members and supervisors may do about a ticket that goes wrong."""

import pytest

from services.routing.domain.decision import Decision, Refused
from services.routing.domain.transitions import judge
from shared.contracts.lifecycle import TicketState
from tests.unit.routing.samples import NOW, RULES, a_ticket, seconds
from tests.unit.routing.test_transitions import CONTEXT, an_action, verbs


def test_an_appeal_against_a_solution_reopens() -> None:
    """An appeal against a solution opens the ticket again, so that the ladder has something to climb for."""
    verdict = judge(a_ticket(state=TicketState.RESOLVED), an_action("appeal", "M"), NOW, CONTEXT)
    assert verbs(verdict) == ["reopened", "assigned", "appealed"]


@pytest.mark.parametrize(("seconds_ago", "code"), [(0, None), (1, "too_late")])
def test_an_appeal_after_closing_is_heard_while_it_may_be(seconds_ago: int, code: str | None) -> None:
    """Whoever closed it, a member is heard as long as the ticket may be reopened, and told when it is too late."""
    closed_at = NOW - seconds(RULES.patience.reopen_within_seconds + seconds_ago)
    verdict = judge(a_ticket(state=TicketState.CLOSED, closed_at=closed_at), an_action("appeal", "M"), NOW, CONTEXT)
    if code is None:
        assert verbs(verdict) == ["reopened", "assigned", "appealed"]
    else:
        assert isinstance(verdict, Refused)
        assert verdict.code == code


@pytest.mark.parametrize(
    ("actor", "acknowledged", "team"),
    [("T", True, None), ("T", False, None), ("L", True, None), ("H", True, None), ("H", False, "technical")],
)
def test_handed_back_to_the_desk(actor: str, acknowledged: bool, team: str | None) -> None:
    """An escalated ticket that somebody took charge of goes to the agents of the queue it is given to; one that nobody
    did stays with the ladder, whatever queue its agent names."""
    holder = {"T": "of-supervisors", "L": "of-technical", "H": "holder"}[actor]
    ticket = a_ticket(
        state=TicketState.ACCEPTED,
        agent_id=holder,
        team="technical",
        level=2,
        acknowledged_at=NOW if acknowledged else None,
    )
    verdict = judge(ticket, an_action("transfer", actor), NOW, CONTEXT)
    assert isinstance(verdict, Decision)
    assert (verdict.ticket.team, verdict.ticket.queue, verdict.ticket.level) == (team, "general", 2)
    assert (verdict.ticket.lane == "escalation") == (team is not None)


def test_given_to_the_queue_of_its_own_team() -> None:
    """A supervisor's ticket that goes back into the supervisors' queue is still theirs."""
    ticket = a_ticket(state=TicketState.ACCEPTED, agent_id="of-supervisors", team="supervisor", level=1)
    verdict = judge(ticket, an_action("transfer", "T", to="supervisor"), NOW, CONTEXT)
    assert isinstance(verdict, Decision)
    assert verdict.ticket.team == "supervisor"
