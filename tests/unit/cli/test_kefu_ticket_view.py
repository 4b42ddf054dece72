"""Events in, a ticket's view out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.tickets.as_json import summary_json, ticket_json
from cli.tickets.telling import told
from cli.tickets.view import STATES, TicketView
from shared.contracts import tickets
from shared.contracts.envelope import Envelope
from shared.contracts.registry import BY_MODEL, EVENT_TYPES
from shared.contracts.tickets import AssignmentReason, Party, TicketEvent

OPENED_AT = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)
AGENT = Party(kind="agent", id="A1")
BOT = Party(kind="bot", id="faq")


def at(seconds: float) -> datetime:
    return OPENED_AT + timedelta(seconds=seconds)


class Life:
    """A ticket's view and a short way to tell it what happened."""

    def __init__(self) -> None:
        self.view = TicketView("T-1")
        self.happened(
            tickets.TicketOpened, 0, channel="chat", contact_id="c", problem_type="cardkey_invalid", summary="卡密无效"
        )

    def happened(self, model: type[TicketEvent], seconds: float, event_id: str = "", **fields: Any) -> TicketView:
        given = {"ticket_id": "T-1", "ticket_no": "KF-1", "member_id": "M-1", "tier": "gold", "at": at(seconds)}
        event_type = BY_MODEL[model]
        offset = len(self.view.story)
        envelope = Envelope(event_id or str(offset), f"/kefu/{event_type.writer}", event_type.name)
        self.view.apply(envelope, model(**(given | fields)), offset)
        return self.view

    def promised(self, seconds: float = 0, first: float = 300, plan: float | None = 7200) -> TicketView:
        return self.happened(
            tickets.TicketPromised,
            seconds,
            first_answer_due=at(first),
            plan_due=None if plan is None else at(plan),
            policy="gold",
            calendar="office@1",
        )

    def standing(self) -> dict[str, str]:
        return {clock.name: clock.standing for clock in self.view.clocks.values()}


def test_an_opened_ticket_says_what_it_is() -> None:
    """The facts of the opening are the facts of the view."""
    view = Life().view
    assert (view.ticket_no, view.member_id, view.tier, view.state) == ("KF-1", "M-1", "gold", "open")
    assert (view.problem_type, view.channel, view.opened_at) == ("cardkey_invalid", "chat", OPENED_AT)
    assert view.is_open


def test_the_state_follows_the_work() -> None:
    """Queued, assigned, declined, accepted, waiting, resolved, reopened, closed: each in its turn, with its agent."""
    life = Life()
    reason = AssignmentReason(rule="skill")
    states = [
        life.happened(tickets.TicketQueued, 1, queue="order", reason="type").state,
        life.happened(tickets.TicketAssigned, 2, agent_id="A1", queue="order", reason=reason).state,
        life.happened(tickets.TicketDeclined, 60, agent_id="A1", cause="timeout").state,
    ]
    assert not life.view.agent_id
    life.happened(tickets.TicketAssigned, 61, agent_id="A2", queue="order", reason=reason)
    states += [
        life.happened(tickets.TicketAccepted, 62, agent_id="A2").state,
        life.happened(tickets.TicketWaiting, 70, on="member").state,
    ]
    assert (life.view.agent_id, life.view.waiting_on) == ("A2", "member")
    states += [
        life.happened(tickets.TicketResumed, 80, on="member").state,
        life.happened(tickets.TicketResolved, 90, by=AGENT, how="reissued").state,
        life.happened(tickets.TicketReopened, 95, cause="still void").state,
        life.happened(tickets.TicketClosed, 99).state,
    ]

    assert states == [
        *("queued", "assigned", "queued", "accepted", "waiting"),
        *("accepted", "resolved", "reopened", "closed"),
    ]
    assert not life.view.is_open


def test_a_merged_ticket_is_over_and_says_where_it_went() -> None:
    """Merging ends a ticket and names the one that goes on."""
    view = Life().happened(tickets.TicketMerged, 1, into="T-2")
    assert (view.state, view.merged_into, view.is_open) == ("merged", "T-2", False)


def test_an_amendment_adds_and_never_takes_away() -> None:
    """A further contact without an order number leaves the one that is known, and any leaves what the matter is."""
    life = Life()
    life.happened(tickets.TicketAmended, 1, contact_id="d", order_no="D1", summary="more", urgency="high")
    view = life.happened(tickets.TicketAmended, 2, contact_id="e")
    assert (view.order_no, view.summary, view.urgency, view.state) == ("D1", "卡密无效", "normal", "open")


def test_the_first_to_say_what_it_is_about_gives_type_and_summary() -> None:
    """A ticket that a greeting opened is shown as what it turned out to be."""
    view = Life().happened(tickets.TicketAmended, 1, contact_id="d", problem_type="refund", summary="要退款")
    assert (view.problem_type, view.summary) == ("refund", "要退款")


def test_a_repeated_publication_changes_nothing() -> None:
    """The same event twice, as after a crash of its writer, is told once."""
    life = Life()
    life.happened(tickets.TicketQueued, 1, event_id="e1", queue="order", reason="type")
    life.happened(tickets.TicketAccepted, 2, agent_id="A1")
    view = life.happened(tickets.TicketQueued, 1, event_id="e1", queue="order", reason="type")
    assert view.state == "accepted"
    assert [entry.verb for entry in view.story] == ["opened", "queued", "accepted"]


def test_an_answer_in_time_meets_the_first_answer_and_that_of_an_agent_the_plan() -> None:
    """A bot's answer meets the first-answer clock only; an agent's meets the plan as well."""
    life = Life()
    life.promised()
    life.happened(tickets.TicketAnswered, 10, by=BOT, text="…")
    assert life.standing() == {"first_answer": "met", "plan": "running"}
    life.happened(tickets.TicketAnswered, 20, by=AGENT, text="…")
    assert life.standing() == {"first_answer": "met", "plan": "met"}


def test_a_late_answer_does_not_mend_a_broken_promise() -> None:
    """A clock that was breached stays broken, and shows when it was answered after all."""
    life = Life()
    life.promised()
    life.happened(tickets.TicketWarned, 240, clock="first_answer", due=at(300))
    assert life.standing()["first_answer"] == "warned"
    life.happened(tickets.TicketBreached, 300, clock="first_answer", due=at(300))
    life.happened(tickets.TicketAnswered, 310, by=AGENT, text="…")
    clock = life.view.clocks["first_answer"]
    assert (clock.standing, clock.breached_at, clock.met_at) == ("broken", at(300), at(310))


def test_an_answer_after_the_due_time_is_broken_even_before_the_breach_is_told() -> None:
    """What counts is the time of the answer, not the order of the log."""
    life = Life()
    life.promised(first=300)
    life.happened(tickets.TicketAnswered, 301, by=AGENT, text="…")
    assert life.standing()["first_answer"] == "broken"


def test_a_new_promise_moves_the_due_time() -> None:
    """A recalculation replaces what was promised before."""
    life = Life()
    life.promised(plan=None)
    assert set(life.view.clocks) == {"first_answer"}
    life.promised(seconds=5, first=120, plan=3600)
    assert {name: clock.due for name, clock in life.view.clocks.items()} == {"first_answer": at(120), "plan": at(3600)}


def test_the_next_answer_clock_starts_anew() -> None:
    """A second message of the member has its own due time, whatever became of the first."""
    life = Life()
    life.happened(tickets.TicketWarned, 100, clock="next_answer", due=at(120))
    life.happened(tickets.TicketAnswered, 110, by=AGENT, text="…")
    assert life.standing() == {"next_answer": "met"}
    life.happened(tickets.TicketBreached, 400, clock="next_answer", due=at(400))
    assert life.standing() == {"next_answer": "broken"}


def test_the_ladder_is_climbed_and_acknowledged() -> None:
    """The highest rung shows with who took charge; a further escalation waits for somebody again."""
    life = Life()
    life.happened(tickets.TicketEscalated, 300, level=1, team="supervisor", cause="breach", clock="first_answer")
    life.happened(tickets.TicketAcknowledged, 310, actor_kind="supervisor", actor_id="S1")
    assert (life.view.escalation_level, life.view.acknowledged_by) == (1, "supervisor:S1")
    life.happened(tickets.TicketEscalated, 900, level=2, team="technical", cause="appeal")
    assert (life.view.escalation_team, life.view.acknowledged_by) == ("technical", None)


def test_a_correction_changes_the_type_and_nothing_else() -> None:
    """After a correction the ticket has the type the agent gave it."""
    life = Life()
    before = life.view.state
    view = life.happened(tickets.TicketCorrected, 5, problem_type="refund", was="cardkey_invalid", actor_id="A1")
    assert (view.problem_type, view.state) == ("refund", before)


def test_json_keeps_the_whole_story() -> None:
    """For programs every event stands there with its verb, its offset and its own fields."""
    life = Life()
    life.promised()
    told_json = ticket_json(life.view)
    assert [entry["verb"] for entry in told_json["story"]] == ["opened", "promised"]
    assert told_json["story"][1]["policy"] == "gold"
    assert told_json["clocks"][0] == {
        "clock": "first_answer",
        "due": "2026-10-15T06:05:00+00:00",
        "met_at": None,
        "warned_at": None,
        "breached_at": None,
        "standing": "running",
    }
    assert "story" not in summary_json(life.view)


TICKET_MODELS = [one.model for one in EVENT_TYPES if issubclass(one.model, TicketEvent)]


@pytest.mark.parametrize("model", TICKET_MODELS, ids=lambda model: model.__name__)
def test_every_event_is_told_in_one_line(model: type[TicketEvent]) -> None:
    """No event of the contract is silent in the story, however long or many-lined its texts."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if field.is_required() and name not in TicketEvent.model_fields:
            fields[name] = {"by": AGENT, "reason": "why", "level": 2}.get(name, "一\n二" * 50)
        if name in {"due", "first_answer_due"}:
            fields[name] = at(60)
    if model is tickets.TicketAssigned:
        fields["reason"] = AssignmentReason(rule="skill", candidates=3, slack_seconds=12.4)
    event = model(ticket_id="T-1", ticket_no="KF-1", at=OPENED_AT, **fields)

    line = told(event)

    assert "\n" not in line
    assert line or model is tickets.TicketClosed


def test_states_are_of_known_events_only() -> None:
    """The table of states names events of the contract; a renamed one fails here instead of silently vanishing."""
    assert set(STATES) <= set(TICKET_MODELS)
