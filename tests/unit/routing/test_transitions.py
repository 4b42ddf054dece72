"""The judge: every action in every state by everybody."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.routing.domain.decision import Decision, Refused, timers_of
from services.routing.domain.on_actions import EFFECTS
from services.routing.domain.ticket import HELD, Ticket
from services.routing.domain.ticket_steps import DecisionContext
from services.routing.domain.transitions import judge
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.lifecycle import PERMITTED, TicketState
from shared.contracts.vocabulary import TAKES, ActionKind
from tests.unit.routing.samples import NOW, RULES, a_ticket, an_agent, seconds

ACTORS = {
    "H": ("agent", "holder"),
    "A": ("agent", "other"),
    "T": ("agent", "of-supervisors"),
    "L": ("agent", "of-technical"),
    "U": ("agent", "never-heard-of"),
    "M": ("member", "m"),
    "N": ("member", "somebody-else"),
    "S": ("supervisor", "of-supervisors"),
    "Q": ("supervisor", "nobody-ever-heard-of"),
    "R": ("supervisor", "other"),
    "G": ("supervisor", "gone"),
    "Y": ("system", "crm"),
}

# What it says in the first state that allows it, and who may: queued, assigned, accepted, waiting, resolved, closed,
# merged. Written by hand, apart from the table it is held against.
EXPECTED = {
    "accept": (["accepted"], ["", "H", "", "", "", "", ""]),
    "decline": (["declined", "queued"], ["", "H", "", "", "", "", ""]),
    "answer": (["answered"], ["TS", "TS", "HTS", "HTS", "", "", ""]),
    "wait": (["waiting"], ["", "", "HTS", "HTS", "", "", ""]),
    "resume": (["resumed"], ["", "", "", "HTSY", "", "", ""]),
    "resolve": (["resolved"], ["TSY", "TSY", "HTS", "HTS", "", "", ""]),
    "reopen": (["reopened", "assigned"], ["", "", "", "", "MTSY", "MTSY", ""]),
    "close": (["closed"], ["MTSY", "MTSY", "MTSY", "MTSY", "HMTSY", "", ""]),
    "appeal": (["appealed"], ["M", "M", "M", "M", "M", "M", ""]),
    "transfer": (["queued"], ["TS", "TS", "HTS", "HTS", "", "", ""]),
    "correct_type": (["corrected"], ["HATLS", "HTS", "HTS", "HTS", "", "", ""]),
    "acknowledge": (["acknowledged"], ["TLS", "TLS", "TLS", "TLS", "", "", ""]),
    "note": (["noted"], ["HATLSY", "HATLSY", "HATLSY", "HATLSY", "HATLSY", "HATLSY", ""]),
}

TO = {"transfer": "general", "correct_type": "dispute"}

CONTEXT = DecisionContext(
    RULES,
    {
        agent.agent_id: agent
        for agent in (
            an_agent("holder"),
            an_agent("other"),
            an_agent("full", capacity=1, load=1),
            an_agent("away", presence="away"),
            an_agent("of-supervisors", team="supervisor"),
            an_agent("of-technical", team="technical"),
            an_agent("gone", team="supervisor", gone=True),
        )
    },
)


def an_action(kind: str, actor: str = "S", **fields: str | None) -> ActionRequested:
    """An action with everything it could need."""
    actor_kind, actor_id = ACTORS[actor]
    base = {"text": "已处理", "reason": "not solved", "on": "internal", "to": TO.get(kind)}
    about = {"action_id": "a", "ticket_id": "t", "kind": kind, "actor": {"kind": actor_kind, "id": actor_id}}
    return ActionRequested.model_validate({**about, **base, **fields})


def test_every_action_is_judged_and_expected() -> None:
    """An action has its row and its fields in the contract, its effect at the judge, and a row in this file."""
    assert set(PERMITTED) == set(ActionKind), "shared/contracts/lifecycle.py: PERMITTED"
    assert set(EFFECTS) == set(ActionKind), "services/routing/domain/on_actions.py: EFFECTS"
    assert set(TAKES) == set(ActionKind), "shared/contracts/vocabulary.py: TAKES"
    assert set(EXPECTED) == set(ActionKind), "EXPECTED above"


def every_case() -> Iterator[tuple[str, TicketState, str]]:
    """Kind, state, actor: all of them."""
    for kind in ActionKind:
        for state in TicketState:
            for actor in ACTORS:
                yield kind.value, state, actor


def judged(kind: str, state: TicketState, actor: str) -> tuple[Ticket, Decision | Refused]:
    """The verdict on an escalated ticket in this state."""
    ticket = a_ticket(state=state, team="technical", level=2)
    return ticket, judge(ticket, an_action(kind, actor), NOW, CONTEXT)


@pytest.mark.parametrize("kind", list(ActionKind))
def test_who_may_do_what(kind: str) -> None:
    """Each action is allowed to exactly those it is meant for, in exactly the states it makes sense."""
    found = [
        "".join(actor for actor in ACTORS if isinstance(judged(kind, state, actor)[1], Decision))
        for state in TicketState
    ]
    assert found == ["".join(actor for actor in ACTORS if actor in cell) for cell in EXPECTED[kind][1]]


def test_every_refusal_says_what_would_be_possible() -> None:
    """Every refusal has a code and a sentence that says what would be possible, in plain words."""
    refused = [verdict for case in every_case() if isinstance(verdict := judged(*case)[1], Refused)]
    assert {verdict.code for verdict in refused} == {"wrong_state", "wrong_actor"}
    for verdict in refused:
        assert len(verdict.message) > 30
        assert not set("<>{}[]()") & set(verdict.message), verdict.message
    assert all("possible now for " in verdict.message or "goes on in" in verdict.message for verdict in refused)


def test_what_would_be_possible() -> None:
    """A refusal names what this very actor could do instead."""
    verdict = judged("answer", TicketState.ASSIGNED, "H")[1]
    assert verdict == Refused(
        "wrong_actor",
        "answer is for a supervisor while the ticket is assigned; "
        "possible now for agent holder: accept, decline, correct_type, note",
    )
    stranger = judged("accept", TicketState.QUEUED, "N")[1]
    assert isinstance(stranger, Refused)
    assert stranger.message == (
        "accept needs a ticket that is assigned, this one is queued; possible now for member somebody-else: nothing"
    )


def test_nothing_is_half_done() -> None:
    """After every allowed action the ticket is consistent, says something, and every event is about this ticket."""
    for case in every_case():
        before, verdict = judged(*case)
        if isinstance(verdict, Decision):
            after = verdict.ticket
            assert (after.agent_id is not None) == (after.state in HELD), case
            assert (after.waiting_on is not None) == (after.state is TicketState.WAITING), case
            assert set(timers_of(after)) == {"assigned": {"accept"}, "resolved": {"close"}}.get(after.state, set()), (
                case
            )
            assert (after.closed_at is not None) == (after.state is TicketState.CLOSED), case
            assert verdict.events, case
            assert {event.ticket_id for event in verdict.events} == {before.key}


@pytest.mark.parametrize("kind", list(ActionKind))
def test_events_of_each_action(kind: str) -> None:
    """An allowed action says what it is called, in the first state that allows it."""
    said, allowed = EXPECTED[kind]
    place = next(place for place, cell in enumerate(allowed) if cell)
    _, verdict = judged(kind, list(TicketState)[place], allowed[place][0])
    assert verbs(verdict) == said


@pytest.mark.parametrize(
    ("kind", "fields", "code", "told"),
    [
        ("answer", {"text": None}, "missing_field", "'text'"),
        ("answer", {"text": " \n"}, "missing_field", "'text'"),
        ("wait", {"on": None}, "missing_field", "member, supplier, internal"),
        ("wait", {"on": "godot"}, "unknown_value", "member, supplier, internal"),
        ("transfer", {"to": None}, "missing_field", "order"),
        ("transfer", {"to": "nobody"}, "unknown_target", "order"),
        ("transfer", {"to": "away"}, "target_absent", "away"),
        ("transfer", {"to": "full"}, "target_full", "no free place"),
        ("transfer", {"to": "holder"}, "unchanged", "already"),
        ("correct_type", {"to": None}, "missing_field", "problem type"),
        ("correct_type", {"to": "weather"}, "unknown_value", "queues.yaml"),
        ("correct_type", {"to": "refund"}, "unchanged", "already"),
        ("acknowledge", {}, "not_escalated", "not escalated"),
        ("dance", {}, "unknown_action", "accept"),
    ],
)
def test_what_an_action_lacks(kind: str, fields: dict[str, Any], code: str, told: str) -> None:
    """An action that lacks something is refused with what it lacks."""
    verdict = judge(a_ticket(state=TicketState.ACCEPTED), an_action(kind, **fields), NOW, CONTEXT)
    assert isinstance(verdict, Refused)
    assert verdict.code == code
    assert told in verdict.message


@pytest.mark.parametrize("kind", list(ActionKind))
def test_what_an_action_caused_names_it(kind: ActionKind) -> None:
    """Every event of an action that was done bears its id, further steps and their events included."""
    decided = [judged(kind, state, actor)[1] for state in TicketState for actor in ACTORS]
    events = [event for outcome in decided if isinstance(outcome, Decision) for event in outcome.events]
    assert events
    assert {event.action_id for event in events} == {"a"}


def test_an_unknown_kind_of_actor_may_do_nothing() -> None:
    """Somebody of a kind we do not know may do nothing."""
    action = an_action("close").model_copy(update={"actor": Actor(kind="robot", id="r-1")})
    verdict = judge(a_ticket(), action, NOW, CONTEXT)
    assert isinstance(verdict, Refused)
    assert verdict.code == "unknown_actor"


def test_the_ticket_of_an_unknown_member_belongs_to_no_member() -> None:
    """The ticket of an unknown member belongs to no member."""
    verdict = judge(a_ticket(member_id=None), an_action("close", "M"), NOW, CONTEXT)
    assert isinstance(verdict, Refused)


def test_reopened_to_a_busy_agent() -> None:
    """A reopened ticket goes into its queue when the agent who had it is full, and is new in line."""
    context = DecisionContext(RULES, {"holder": an_agent(load=2)})
    ticket = a_ticket(state=TicketState.RESOLVED, entered_at=NOW - seconds(9999))
    verdict = judge(ticket, an_action("reopen", "M", reason=None), NOW, context)
    assert isinstance(verdict, Decision)
    assert verbs(verdict) == ["reopened", "queued"]
    assert verdict.events[0].cause == "member"  # type: ignore[attr-defined]
    assert verdict.ticket.entered_at == NOW


def test_a_ticket_closed_long_ago_stays_closed() -> None:
    """A ticket closed long ago stays closed."""
    closed_at = NOW - seconds(RULES.patience.reopen_within_seconds + 1)
    verdict = judge(a_ticket(state=TicketState.CLOSED, closed_at=closed_at), an_action("reopen", "M"), NOW, CONTEXT)
    assert isinstance(verdict, Refused)
    assert verdict.code == "too_late"


def test_transfer_to_an_agent() -> None:
    """A ticket transferred to an agent is reserved for them, out of any wait, and has to be accepted."""
    verdict = judge(a_ticket(state=TicketState.WAITING), an_action("transfer", "H", to="other"), NOW, CONTEXT)
    assert isinstance(verdict, Decision)
    assert verbs(verdict) == ["resumed", "assigned"]
    assert (verdict.ticket.agent_id, verdict.ticket.last_agent_id) == ("other", "holder")
    assert timers_of(verdict.ticket) == {"accept": NOW + seconds(60)}


def test_transfer_to_a_queue() -> None:
    """Who gives a ticket away to a queue is not the first to be offered it."""
    verdict = judge(a_ticket(state=TicketState.ACCEPTED), an_action("transfer", "H"), NOW, CONTEXT)
    assert isinstance(verdict, Decision)
    assert (verdict.ticket.queue, verdict.ticket.skipped_by) == ("general", {"holder": NOW})


def test_once_answered_the_plan_is_the_promise_that_counts() -> None:
    """Once the member has an answer, the plan is the promise that counts; a second answer changes nothing in that."""
    ticket = a_ticket(state=TicketState.ACCEPTED, first_answer_due=NOW, plan_due=NOW + seconds(60))
    first = judge(ticket, an_action("answer", "H"), NOW, CONTEXT)
    assert isinstance(first, Decision)
    assert (ticket.due, first.ticket.due) == (NOW, NOW + seconds(60))
    second = judge(first.ticket, an_action("answer", "H"), NOW + seconds(1), CONTEXT)
    assert isinstance(second, Decision)
    assert second.ticket.answered_at == NOW


def test_type_corrected_before_it_is_accepted() -> None:
    """A reserved ticket whose type belongs elsewhere goes to the queue of the new type; an accepted one stays."""
    reserved = judge(a_ticket(state=TicketState.ASSIGNED), an_action("correct_type", "H"), NOW, CONTEXT)
    accepted = judge(a_ticket(state=TicketState.ACCEPTED), an_action("correct_type", "H"), NOW, CONTEXT)
    assert isinstance(reserved, Decision)
    assert isinstance(accepted, Decision)
    assert verbs(reserved) == ["corrected", "queued"]
    assert verbs(accepted) == ["corrected"]
    assert (reserved.ticket.queue, accepted.ticket.queue) == ("dispute", "dispute")
    assert accepted.ticket.agent_id == "holder"


def test_from_one_wait_into_another() -> None:
    """Waiting for somebody else ends the first wait; waiting for the same again is refused."""
    waiting = a_ticket(state=TicketState.WAITING)
    assert verbs(judge(waiting, an_action("wait", "H", on="supplier"), NOW, CONTEXT)) == ["resumed", "waiting"]
    again = judge(waiting, an_action("wait", "H", on="member"), NOW, CONTEXT)
    assert isinstance(again, Refused)
    assert again.code == "unchanged"


def verbs(verdict: Decision | Refused) -> list[str]:
    """What a decision says."""
    assert isinstance(verdict, Decision), verdict
    return [type(event).__name__.removeprefix("Ticket").lower() for event in verdict.events]
