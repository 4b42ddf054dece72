"""What agents and members of a simulated day do next: events in, intents out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.simulation.desk import Desk, Intent
from cli.simulation.matters import Matter
from cli.simulation.scenario import scenario
from cli.simulation.treatment import After, Mischief, Treatment
from cli.tickets.view import TicketView
from shared.contracts import tickets
from shared.contracts.envelope import Envelope
from shared.contracts.registry import BY_MODEL
from shared.contracts.tickets import AssignmentReason, Party, TicketEvent
from shared.contracts.vocabulary import ActionKind, WaitingOn

NOW = datetime(2026, 10, 16, 2, 0, tzinfo=UTC)
MINUTE = 0.1
DAY = scenario(run="", seed=3, contacts=60, now=NOW)
LEAD, SUPERVISOR = "A01", "S01"


class Life:
    """A ticket that is told what happens to it, and what everybody means to do then."""

    def __init__(self, **plan: Any) -> None:
        known = [one for _, one in DAY.matters if one.person.member_id and one.reply and one.thanks and one.ask]
        self.matter: Matter = replace(known[0], treatment=Treatment(**plan))
        self.ticket = TicketView("T-1")
        self._desk = Desk(DAY.agents, MINUTE)

    def happens(self, model: type[TicketEvent], after: float = 1, **fields: Any) -> list[Intent]:
        offset = len(self.ticket.story)
        about = {"ticket_id": "T-1", "ticket_no": "N-1", "member_id": self.matter.person.member_id, "tier": "gold"}
        event = model(**about, at=NOW + timedelta(seconds=offset * after), **fields)
        event_type = BY_MODEL[model]
        self.ticket.apply(Envelope(str(offset), event_type.writer, event_type.name), event, offset)
        return self._desk.reactions(event, self.ticket, self.matter)

    def opens(self) -> list[Intent]:
        return self.happens(tickets.TicketOpened, channel="chat", contact_id="c", problem_type="other")

    def is_offered(self, agent: str = LEAD, attempt: int = 1) -> list[Intent]:
        reason = AssignmentReason(rule="skill", candidates=1)
        return self.happens(tickets.TicketAssigned, agent_id=agent, queue="order", attempt=attempt, reason=reason)

    def is_accepted(self, agent: str = LEAD) -> list[Intent]:
        self.is_offered(agent)
        return self.happens(tickets.TicketAccepted, agent_id=agent)

    def is_answered(self, agent: str = LEAD, text: str = "您好") -> list[Intent]:
        return self.happens(tickets.TicketAnswered, by=Party(kind="agent", id=agent), text=text)

    def is_escalated(self, level: int = 1, team: str = "supervisor", cause: str = "breach") -> list[Intent]:
        return self.happens(tickets.TicketEscalated, level=level, team=team, cause=cause)


def kinds(intents: list[Intent]) -> list[str]:
    return [str(intent.act.kind) if intent.act else "letter" for intent in intents]


def test_offers_are_declined_then_missed_then_taken() -> None:
    """The first offers are declined, the next let pass, and then somebody takes it."""
    life = Life(declines=1, passes=1)
    life.opens()
    assert kinds(life.is_offered(attempt=1)) == [ActionKind.DECLINE]
    assert kinds(life.is_offered("A02", attempt=2)) == []
    assert kinds(life.is_offered("A03", attempt=3)) == [ActionKind.ACCEPT]


def test_answer_comes_in_the_time_of_the_day() -> None:
    """An agent answers after so many minutes of the day that is played."""
    life = Life(answer_minutes=12)
    life.opens()
    [answer] = life.is_accepted()
    assert answer.seconds == pytest.approx(12 * MINUTE)
    assert answer.act is not None
    assert answer.act.text == life.matter.answer


def test_nobody_acts_on_what_is_no_longer_theirs() -> None:
    """What somebody meant to do is dropped when the ticket went to somebody else meanwhile."""
    life = Life()
    life.opens()
    [answer] = life.is_accepted()
    assert answer.still(life.ticket)
    life.is_accepted("A02")
    assert not answer.still(life.ticket)


def test_late_answer_comes_after_the_promise() -> None:
    """Who is to be late answers so long after the promise was due, not before."""
    life = Life(late_minutes=30)
    life.opens()
    due = NOW + timedelta(seconds=20)
    life.happens(tickets.TicketPromised, first_answer_due=due, policy="gold", calendar="always@1")
    [answer] = life.is_accepted()
    assert life.ticket.story[-1].event.at + timedelta(seconds=answer.seconds) == due + timedelta(seconds=30 * MINUTE)


def test_ladder_is_ignored_as_far_as_planned() -> None:
    """Levels that are to do nothing do nothing; the next one takes charge and answers."""
    life = Life(late_minutes=30, climbs=1)
    life.opens()
    life.is_accepted()
    assert kinds(life.is_escalated(level=1)) == []
    assert kinds(life.is_accepted(SUPERVISOR)) == []
    assert kinds(life.is_escalated(level=2, team="technical")) == [ActionKind.ACKNOWLEDGE]
    assert kinds(life.is_accepted("T01")) == [ActionKind.ACKNOWLEDGE, ActionKind.ANSWER]


def test_appeal_is_always_heard() -> None:
    """An appeal is taken charge of, also where breaches are ignored."""
    life = Life(late_minutes=30, climbs=2)
    life.opens()
    assert kinds(life.is_escalated(cause="appeal")) == [ActionKind.ACKNOWLEDGE]


def test_one_answer_is_enough_for_whoever_takes_over() -> None:
    """Taking charge and accepting both lead to an answer; the second one finds it given."""
    life = Life()
    life.opens()
    life.is_escalated()
    _, answer = life.is_accepted(SUPERVISOR)
    life.is_answered(LEAD)
    assert answer.still(life.ticket), "somebody else's answer leaves the one who took over to answer"
    life.is_answered(SUPERVISOR)
    assert not answer.still(life.ticket)


def test_member_is_asked_once_and_replies() -> None:
    """An agent asks and waits, the member replies, and after that the agent solves it."""
    life = Life(wait_on=WaitingOn.MEMBER)
    life.opens()
    life.is_accepted()
    assert kinds(life.is_answered()) == [ActionKind.ANSWER, ActionKind.WAIT]
    assert kinds(life.is_answered(text=life.matter.ask or "")) == []
    [reply] = life.happens(tickets.TicketWaiting, on="member")
    assert reply.letter is life.matter.reply
    assert kinds(life.happens(tickets.TicketResumed, on="member")) == [ActionKind.ANSWER]
    assert kinds(life.is_answered()) == [ActionKind.RESOLVE]


def test_supplier_ends_the_wait_through_the_agent() -> None:
    """Nobody but the agent knows when the supplier has moved."""
    life = Life(wait_on=WaitingOn.SUPPLIER)
    life.opens()
    life.is_accepted()
    assert kinds(life.happens(tickets.TicketWaiting, on="supplier")) == [ActionKind.RESUME]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (After.NOTHING, []),
        (After.THANKS, ["letter"]),
        (After.APPEAL, [ActionKind.APPEAL]),
        (After.REOPEN, [ActionKind.REOPEN]),
        (After.CLOSE, [ActionKind.CLOSE]),
    ],
)
def test_what_follows_a_solution_follows_once(after: After, expected: list[str]) -> None:
    """Thanks, an appeal, a reopening or closing follow the first solution and no other."""
    life = Life(after=after)
    life.opens()
    life.is_accepted()
    solved: dict[str, Any] = {"by": Party(kind="agent", id=LEAD), "how": "topup", "text": "已补充"}
    assert kinds(life.happens(tickets.TicketResolved, **solved)) == expected
    assert kinds(life.happens(tickets.TicketResolved, **solved)) == []


def test_mischief_is_marked_as_wrong() -> None:
    """What is not allowed is known to be wrong, so that its refusal can be looked for."""
    for mischief in (Mischief.WRONG_AGENT, Mischief.UNKNOWN_KIND):
        life = Life(mischief=mischief)
        life.opens()
        assert [intent.wrong for intent in life.is_accepted()] == [False, True]


def test_repeated_answer_is_one_action() -> None:
    """A repeat is the same action, id and all, published again."""
    life = Life(mischief=Mischief.REPEAT)
    life.opens()
    [answer] = life.is_accepted()
    assert answer.times == 3


def test_strangers_tickets_are_left_to_others() -> None:
    """A ticket that is no part of the day is declined by an agent of ours, and ignored when it is another's."""
    desk = Desk(DAY.agents, MINUTE)
    offer = {"ticket_id": "T-9", "ticket_no": "N-9", "at": NOW, "queue": "order"}
    reason = AssignmentReason(rule="skill")
    assert kinds(desk.strangers(tickets.TicketAssigned(**offer, agent_id=LEAD, reason=reason))) == [ActionKind.DECLINE]
    assert desk.strangers(tickets.TicketAssigned(**offer, agent_id="somebody-else", reason=reason)) == []
