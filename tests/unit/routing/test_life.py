"""What routing makes of the words of intake and sla, and of silence."""

from datetime import datetime
from typing import Any

import pytest

from services.routing.domain.decision import Decision
from services.routing.domain.on_events import on_amended, on_escalated, on_opened, on_promised
from services.routing.domain.ticket import Ticket
from services.routing.domain.ticket_steps import DecisionContext
from services.routing.domain.time_outs import on_accept_due, on_agent_absent, on_close_due
from shared.contracts.lifecycle import TicketState
from shared.contracts.tickets import TicketAmended, TicketEscalated, TicketOpened, TicketPromised
from tests.unit.routing.samples import NOW, RULES, a_ticket, an_agent, seconds

CONTEXT = DecisionContext(RULES, {"holder": an_agent()}, frozenset({"technical"}))


def test_a_new_ticket_is_queued_and_waits_for_its_promise() -> None:
    """A new ticket is queued by its problem type, knows its advisor, and waits a moment for its promise."""
    event = TicketOpened(**about(a_ticket()), channel="chat", contact_id="c", problem_type="dispute", tier="enterprise")
    decision = on_opened(event, NOW, CONTEXT, {"m": "advisor"})
    ticket = decision.ticket
    assert (ticket.state, ticket.queue, ticket.lane) == (TicketState.QUEUED, "dispute", "advisor")
    assert ticket.matchable_from == NOW + seconds(RULES.patience.promise_wait_seconds)
    assert verbs(decision) == ["queued"]


def test_a_promise_is_the_deadline_from_now_on() -> None:
    """A promise ends the wait for it, is the deadline from now on, and may move the ticket forward."""
    ticket = a_ticket(matchable_from=NOW + seconds(1))
    event = TicketPromised(**about(ticket), first_answer_due=NOW + seconds(60), policy="p", calendar="c")
    after = on_promised(ticket, event, NOW, CONTEXT).ticket
    assert (after.matchable_from, after.due) == (NOW, NOW + seconds(60))
    assert after.queue_position_at < ticket.queue_position_at


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (TicketState.QUEUED, []),
        (TicketState.ASSIGNED, []),
        (TicketState.ACCEPTED, []),
        (TicketState.WAITING, ["resumed"]),
        (TicketState.RESOLVED, ["reopened", "assigned"]),
        (TicketState.CLOSED, ["reopened", "assigned"]),
        (TicketState.MERGED, []),
    ],
)
def test_a_further_message_only_interrupts_what_waits(state: TicketState, said: list[str]) -> None:
    """A further message only interrupts what waits for the member, or what was thought to be done."""
    assert verbs(on_amended(a_ticket(state=state), amended(), NOW, CONTEXT)) == said


def test_what_is_added_fills_gaps_and_urgency_only_rises() -> None:
    """What was known stays, what was missing is filled, and urgency only rises."""
    ticket = a_ticket(order_no="G1", member_id=None, urgency="high")
    after = on_amended(ticket, amended(order_no="G2", member_id="m-2", tier="gold"), NOW, CONTEXT).ticket
    assert (after.order_no, after.member_id, after.tier, after.urgency) == ("G1", "m-2", "gold", "high")
    raised = on_amended(ticket, amended(urgency="critical"), NOW, CONTEXT).ticket
    assert raised.urgency == "critical"
    assert raised.queue_position_at < ticket.queue_position_at


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (TicketState.QUEUED, ["queued"]),
        (TicketState.ASSIGNED, ["queued"]),
        (TicketState.ACCEPTED, []),
        (TicketState.WAITING, ["resumed"]),
        (TicketState.RESOLVED, ["reopened", "assigned"]),
        (TicketState.MERGED, []),
    ],
)
@pytest.mark.parametrize("less_proven", [False, True])
def test_who_first_tells_the_matter_has_it_queued_anew(state: TicketState, said: list[str], less_proven: bool) -> None:
    """Who first says what a ticket is about has it queued anew, in the queue and the lane of that; nobody loses it."""
    ticket = a_ticket(state=state, problem_type="other", queue="general")
    event = amended(problem_type="topup_not_arrived", urgency="high", language="zh", less_proven=less_proven)
    decision = on_amended(ticket, event, NOW, CONTEXT)
    assert verbs(decision) == (said if not less_proven or said == ["queued"] else [])
    if state is not TicketState.MERGED:
        assert (decision.ticket.problem_type, decision.ticket.queue) == ("topup_not_arrived", "order")
    if said == ["queued"]:
        assert (decision.ticket.lane, decision.ticket.agent_id) == ("fast_topup", None)


def test_matter_told_on_the_ladder() -> None:
    """A ticket the supervisors have keeps their queue, whatever it turns out to be about."""
    ticket = a_ticket(problem_type="other", queue="supervisor", team="supervisor", level=1, lane="escalation")
    decision = on_amended(ticket, amended(problem_type="topup_not_arrived"), NOW, CONTEXT)
    assert (verbs(decision), decision.ticket.queue, decision.ticket.problem_type) == (
        [],
        "supervisor",
        "topup_not_arrived",
    )


@pytest.mark.parametrize("remark", ["greeting", "courtesy", "automatic"])
@pytest.mark.parametrize("state", list(TicketState))
def test_what_is_no_matter_moves_nothing(state: TicketState, remark: str) -> None:
    """Hello, thanks and a machine's note end no wait and reopen nothing: nothing is supplied, nothing contested."""
    assert on_amended(a_ticket(state=state), amended(remark=remark), NOW, CONTEXT).events == ()


def test_a_remark_of_a_kind_nobody_knows_is_a_matter() -> None:
    """A newer writer's word never costs a member their objection."""
    assert (
        verbs(on_amended(a_ticket(state=TicketState.RESOLVED), amended(remark="sigh"), NOW, CONTEXT))[0] == "reopened"
    )


def test_a_message_that_was_in_time_reopens_however_late_it_is_read() -> None:
    """Intake put it to the ticket when it could still be reopened; that we read it later is not the member's doing."""
    closed_at = NOW - seconds(RULES.patience.reopen_within_seconds)
    ticket = a_ticket(state=TicketState.CLOSED, closed_at=closed_at)
    assert verbs(on_amended(ticket, amended(), NOW + seconds(9999), CONTEXT))[0] == "reopened"


def test_message_waiting_on_others() -> None:
    """A message of the member does not end a wait for the supplier."""
    ticket = a_ticket(state=TicketState.WAITING, waiting_on="supplier")
    assert verbs(on_amended(ticket, amended(), NOW, CONTEXT)) == []


def test_message_long_after_closing() -> None:
    """A message about a ticket closed long ago opens nothing again."""
    long_ago = NOW - seconds(RULES.patience.reopen_within_seconds + 1)
    assert verbs(on_amended(a_ticket(state=TicketState.CLOSED, closed_at=long_ago), amended(), NOW, CONTEXT)) == []


@pytest.mark.parametrize(
    ("state", "team", "said"),
    [
        (TicketState.QUEUED, "operations", ["queued"]),
        (TicketState.ASSIGNED, "technical", ["queued"]),
        (TicketState.ACCEPTED, "technical", ["queued"]),
        (TicketState.WAITING, "technical", ["resumed", "queued"]),
        (TicketState.ACCEPTED, "operations", []),
        (TicketState.RESOLVED, "technical", []),
        (TicketState.CLOSED, "technical", []),
        (TicketState.MERGED, "technical", []),
    ],
)
def test_an_escalated_ticket_is_taken_only_for_somebody_free(state: TicketState, team: str, said: list[str]) -> None:
    """An escalated ticket is taken from its agent only for a team in which somebody is free."""
    ticket = a_ticket(state=state)
    event = TicketEscalated(**about(ticket), level=2, team=team, cause="breach")
    decision = on_escalated(ticket, event, NOW, CONTEXT)
    assert verbs(decision) == said
    if state not in (TicketState.CLOSED, TicketState.MERGED):
        assert (decision.ticket.queue, decision.ticket.level) == (team, 2)


def test_escalated_to_its_own_team() -> None:
    """A ticket an agent of that team has already stays with them."""
    context = DecisionContext(RULES, {"holder": an_agent(team="technical")}, frozenset({"technical"}))
    ticket = a_ticket(state=TicketState.ACCEPTED)
    event = TicketEscalated(**about(ticket), level=2, team="technical", cause="manual")
    assert on_escalated(ticket, event, NOW, context).ticket.agent_id == "holder"


@pytest.mark.parametrize("level", [1, 2])
def test_a_rung_is_not_called_again(level: int) -> None:
    """A call that comes late, for the rung it is on or one below, takes a ticket nowhere."""
    ticket = a_ticket(state=TicketState.ACCEPTED, level=2, team="technical", acknowledged_at=NOW)
    event = TicketEscalated(**about(ticket), level=level, team="supervisor", cause="breach")
    assert on_escalated(ticket, event, NOW, CONTEXT) == Decision(ticket)


def test_the_next_rung_has_to_take_charge_itself() -> None:
    """What the supervisor acknowledged, technical has not yet."""
    ticket = a_ticket(state=TicketState.ACCEPTED, level=1, team="supervisor", acknowledged_at=NOW)
    event = TicketEscalated(**about(ticket), level=2, team="technical", cause="breach")
    after = on_escalated(ticket, event, NOW, CONTEXT).ticket
    assert (after.team, after.acknowledged_at) == ("technical", None)


@pytest.mark.parametrize("state", list(TicketState))
def test_timers_out_of_date(state: TicketState) -> None:
    """A timer that fires when its reason is gone, or is not due yet, changes nothing."""
    ticket = a_ticket(state=state)
    assert on_accept_due(ticket, NOW, RULES) == Decision(ticket)
    assert on_close_due(ticket, NOW) == Decision(ticket)


def test_a_due_reservation_comes_back_and_a_resolved_ticket_closes() -> None:
    """A reservation comes back when it is due and remembers who let it pass; a resolved ticket closes."""
    later = NOW + seconds(60)
    back = on_accept_due(a_ticket(state=TicketState.ASSIGNED), later, RULES)
    assert verbs(back) == ["declined", "queued"]
    assert back.ticket.skipped_by == {"holder": later}
    assert verbs(on_close_due(a_ticket(state=TicketState.RESOLVED), later)) == ["closed"]


@pytest.mark.parametrize(
    ("state", "absent_for", "gone", "comes_back"),
    [
        (TicketState.ASSIGNED, 0, False, True),
        (TicketState.ACCEPTED, 0, False, False),
        (TicketState.ACCEPTED, 10**6, False, True),
        (TicketState.WAITING, 10**6, False, False),
        (TicketState.WAITING, 0, True, True),
        (TicketState.ACCEPTED, 0, True, True),
        (TicketState.RESOLVED, 10**6, True, False),
    ],
)
def test_what_an_absent_agent_has_comes_back(state: TicketState, absent_for: int, gone: bool, comes_back: bool) -> None:
    """What an absent agent has comes back: a reservation at once, accepted work after a while, all of it for good."""
    agent = an_agent(presence="offline", absent_since=NOW - seconds(absent_for), gone=gone)
    decision = on_agent_absent(a_ticket(state=state), agent, NOW, RULES)
    assert (decision.ticket.state is TicketState.QUEUED) == comes_back
    assert not decision.ticket.skipped_by


def test_agent_who_came_back() -> None:
    """An agent who is there again, if only away from the desk, keeps everything."""
    ticket = a_ticket(state=TicketState.ASSIGNED)
    assert on_agent_absent(ticket, an_agent(presence="away"), NOW, RULES) == Decision(ticket)


def about(ticket: Ticket, at: datetime = NOW) -> dict[str, Any]:
    """The fields every event has."""
    return {"ticket_id": ticket.key, "ticket_no": ticket.ticket_no, "member_id": ticket.member_id, "at": at}


def amended(**fields: Any) -> TicketAmended:
    """A further contact."""
    return TicketAmended.model_validate({**about(a_ticket()), "contact_id": "c-2", **fields})


def verbs(decision: Decision) -> list[str]:
    """What a decision says."""
    return [type(event).__name__.removeprefix("Ticket").lower() for event in decision.events]


@pytest.mark.parametrize("state", TicketState)
def test_somebody_less_proven_ends_no_wait(state: TicketState) -> None:
    """Somebody less surely the member ends no wait and reopens nothing; what they add is known all the same."""
    waiting = a_ticket(state=state, waiting_on="member" if state is TicketState.WAITING else None, closed_at=NOW)
    decision = on_amended(waiting, amended(less_proven=True, urgency="critical"), NOW, CONTEXT)
    assert (verbs(decision), decision.ticket.state) == ([], state)
    assert state is TicketState.MERGED or decision.ticket.urgency == "critical"
