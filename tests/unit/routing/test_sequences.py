"""Laws of a ticket's life, over whatever anybody may ask for, in whatever order, with whatever data."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.domain.agent import Agent
from services.routing.domain.decision import Decision, Refused, timers_of
from services.routing.domain.matching import match
from services.routing.domain.on_events import on_amended, on_escalated, on_merged, on_promised
from services.routing.domain.ticket import ENDED, HELD, Ticket
from services.routing.domain.ticket_steps import reserve
from services.routing.domain.time_outs import on_accept_due, on_agent_absent, on_close_due
from services.routing.domain.transitions import judge
from services.routing.use_cases.docket import Docket
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.actions import ActionRequested
from shared.contracts.lifecycle import PERMITTED, TicketRole, TicketState
from shared.contracts.tickets import TicketAmended, TicketEscalated, TicketEvent, TicketMerged, TicketPromised
from shared.contracts.vocabulary import ActionKind, ActorKind, Remark, Tier, Urgency, WaitingOn
from shared.database.connection import Connection
from tests.unit.routing.samples import NOW, RULES, a_ticket, an_agent, seconds

NO_DATABASE: Final = cast("Connection", None)
TICKETS: Final = 3
AGENTS: Final = ("holder", "other", "small", "of-supervisors", "of-technical", "gone")
SOMEBODY: Final = (*AGENTS, "m", "somebody-else", "never-heard-of", "crm")

# Where an action may lead to, from where. Written by hand, apart from the judge's table.
LEADS_TO: Final[Mapping[str, Mapping[str, set[str]]]] = {
    "accept": {"assigned": {"accepted"}},
    "decline": {"assigned": {"queued"}},
    "answer": {state: {state} for state in ("queued", "assigned", "accepted", "waiting")},
    "wait": {"accepted": {"waiting"}, "waiting": {"waiting"}},
    "resume": {"waiting": {"accepted"}},
    "resolve": {state: {"resolved"} for state in ("queued", "assigned", "accepted", "waiting")},
    "reopen": {state: {"queued", "assigned"} for state in ("resolved", "closed")},
    "close": {state: {"closed"} for state in ("queued", "assigned", "accepted", "waiting", "resolved")},
    "appeal": {
        **{state: {state} for state in ("queued", "assigned", "accepted", "waiting")},
        **{state: {"queued", "assigned"} for state in ("resolved", "closed")},
    },
    "transfer": {state: {"queued", "assigned"} for state in ("queued", "assigned", "accepted", "waiting")},
    "correct_type": {
        "queued": {"queued"},
        "assigned": {"assigned", "queued"},
        "accepted": {"accepted"},
        "waiting": {"waiting"},
    },
    "acknowledge": {state: {state} for state in ("queued", "assigned", "accepted", "waiting")},
    "note": {state: {state} for state in ("queued", "assigned", "accepted", "waiting", "resolved", "closed")},
}

# The event that says that the action was done; whatever else it says follows from that.
SAYS: Final = {
    "accept": "accepted",
    "decline": "declined",
    "answer": "answered",
    "wait": "waiting",
    "resume": "resumed",
    "resolve": "resolved",
    "reopen": "reopened",
    "close": "closed",
    "appeal": "appealed",
    "correct_type": "corrected",
    "acknowledge": "acknowledged",
    "note": "noted",
}

words = st.one_of(
    st.none(), st.sampled_from(["", " \n", "已处理", "0" * 300, "\U0001f600" * 4000, "\x00\x1b[2J", "{ticket_no}%s"])
)
a_text = words | st.text(max_size=30)
a_place = st.one_of(
    st.none(),
    st.sampled_from([*AGENTS, *RULES.queues, "refund", "dispute", "other", "", "x" * 5000]),
    st.text(max_size=9),
)
an_action = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([*ActionKind]) | st.sampled_from(["dance", "ACCEPT", "accept ", ""]),
        "actor": st.fixed_dictionaries(
            {
                "kind": st.sampled_from([*ActorKind]) | st.sampled_from(["agent", "robot", ""]),
                "id": st.sampled_from(SOMEBODY),
            }
        ),
    },
    optional={
        "text": a_text,
        "reason": a_text,
        "on": st.sampled_from([*WaitingOn, "godot", "", "x" * 5000]) | st.none(),
        "to": a_place,
    },
)
fitting = st.builds(  # what a desk would send: random words alone seldom get anywhere
    lambda kind, who, to: (kind, who, {"kind": kind, "text": "好的", "on": "member", "to": to}),
    st.sampled_from([*ActionKind, ActionKind.ACCEPT, ActionKind.ACCEPT]),
    st.sampled_from(["may", "may", "may", "holder", "member", "supervisor"]),
    st.sampled_from(["other", "order", "dispute", "small"]),
)
heard = st.one_of(
    st.builds(lambda level: ("escalated", level), st.integers(-1, 4)),
    st.builds(lambda minutes: ("promised", minutes), st.integers(-600, 600)),
    st.builds(lambda remark: ("amended", remark), st.sampled_from([*Remark, "a word of the future"])),
    st.builds(lambda dice: ("merged", None) if dice == 0 else ("promised", dice), st.integers(0, 9)),
)
surroundings = st.one_of(
    st.tuples(st.just("time"), st.sampled_from([1, 61, 3_600, 90_000, 9_000_000])),
    st.tuples(st.just("match"), st.none()),
    st.tuples(
        st.just("agent"),
        st.tuples(
            st.sampled_from(AGENTS), st.sampled_from(["online", "away", "offline"]), st.integers(0, 3), st.booleans()
        ),
    ),
)
often_fitting = st.sampled_from([*[fitting] * 9, an_action, heard, surroundings]).flatmap(lambda strategy: strategy)
steps = st.lists(st.tuples(st.integers(0, TICKETS - 1), often_fitting), min_size=10, max_size=50)


@dataclass
class House:
    """Some tickets and the agents, on one docket, and the time."""

    now: datetime = NOW
    said: list[TicketEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        agents = [
            an_agent("holder"),
            an_agent("other"),
            an_agent("small", capacity=1),
            an_agent("of-supervisors", team="supervisor"),
            an_agent("of-technical", team="technical", capacity=1),
            an_agent("gone", gone=True, presence="offline"),
        ]
        tickets = [a_ticket(number, last_agent_id=None) for number in range(1, TICKETS + 1)]
        self.docket = Docket(UnitOfWork("routing", NO_DATABASE, NOW), RULES, tickets, agents)
        self.ids = [ticket.ticket_id for ticket in tickets]

    def decide(self, decision: Decision) -> None:
        """Takes it over, as the service does, and holds every law against what came of it."""
        before = self.docket.tickets[decision.ticket.ticket_id]
        loads = {one.agent_id: one.load for one in self.docket.agents.values()}
        self.docket.decide(decision, f"step {len(self.said)}")
        self.said += decision.events
        after = decision.ticket
        assert all(event.ticket_id == before.key for event in decision.events)
        assert after.level >= before.level
        consistent(after)
        held = Counter(ticket.agent_id for ticket in self.docket.tickets.values() if ticket.state in HELD)
        for agent in self.docket.agents.values():
            assert agent.load == held[agent.agent_id] >= 0
            assert agent.load <= max(agent.capacity, loads[agent.agent_id]), "over capacity"
            assert agent.load <= loads[agent.agent_id] or (agent.online and not agent.gone), "given to who is not there"

    def tick(self, by: float) -> None:
        """Time passes, and whatever is due by then happens."""
        self.now += seconds(by)
        self.docket.work = UnitOfWork("routing", NO_DATABASE, self.now)
        for ticket_id in self.ids:
            ticket = self.docket.tickets[ticket_id]
            self.decide(on_accept_due(ticket, self.now, RULES))
            self.decide(on_close_due(self.docket.tickets[ticket_id], self.now))
            ticket = self.docket.tickets[ticket_id]
            if (agent := self.docket.agents.get(ticket.agent_id or "")) is not None:
                self.decide(on_agent_absent(ticket, agent, self.now, RULES))

    def match(self) -> None:
        """One round of matching."""
        queued = [
            one
            for one in self.docket.tickets.values()
            if one.state is TicketState.QUEUED and one.matchable_from <= self.now
        ]
        present = [agent for agent in self.docket.agents.values() if agent.presence != "offline"]
        for ticket_id, given_to in match(queued, present, self.now, RULES).items():
            ticket = self.docket.tickets[ticket_id]
            agent_id, lane, rule, of = given_to.agent_id, given_to.lane, given_to.rule, given_to.candidates
            self.decide(reserve(ticket, agent_id, self.now, RULES, lane=lane, rule=rule, candidates=of))

    def change(self, agent_id: str, presence: str, capacity: int, gone: bool) -> None:
        """What the platform says of an agent, or that it deletes them."""
        agent = self.docket.agents[agent_id]
        there: Agent = replace(agent, presence="offline" if gone else presence, capacity=capacity, gone=gone)
        absent_since = None if there.presence != "offline" else agent.absent_since or self.now
        self.docket.agents[agent_id] = replace(there, absent_since=absent_since)

    def hear(self, ticket: Ticket, what: str, value: Any) -> None:
        """What intake and sla say about a ticket."""
        context = self.docket.context(
            frozenset(agent.team for agent in self.docket.agents.values() if agent.free and not agent.gone)
        )
        about = {"ticket_id": ticket.key, "ticket_no": ticket.ticket_no, "at": self.now}
        if what == "escalated":
            teams = ("nobody", "supervisor", "supervisor", "technical", "operations", "a team of the future")
            more = {"level": value, "team": teams[value + 1], "cause": "breach"}
            self.decide(on_escalated(ticket, TicketEscalated.model_validate({**about, **more}), self.now, context))
        elif what == "promised":
            due = {"first_answer_due": self.now + seconds(60 * value), "policy": "p", "calendar": "c"}
            self.decide(on_promised(ticket, TicketPromised.model_validate({**about, **due}), self.now, context))
        elif what == "amended":
            more = {"contact_id": "c", "channel": "chat", "remark": value, "member_id": "m"}
            more |= {"urgency": Urgency.HIGH, "tier": Tier.GOLD}
            self.decide(on_amended(ticket, TicketAmended.model_validate({**about, **more}), self.now, context))
        else:
            self.decide(on_merged(ticket, TicketMerged.model_validate({**about, "into": "t-99"})))

    def somebody(self, ticket: Ticket, kind: str, who: str) -> dict[str, str]:
        """One of those ``who`` stands for: the ticket's agent, its member, a supervisor; ``may``: whoever may do it."""
        actors = {
            "holder": {"kind": "agent", "id": ticket.agent_id or ticket.last_agent_id or "holder"},
            "member": {"kind": "member", "id": "m"},
            "supervisor": {"kind": "supervisor", "id": "of-supervisors"},
        }
        if who != "may":
            return actors[who]
        permission = PERMITTED[ActionKind(kind)].get(ticket.state)
        wanted = permission.who if permission else frozenset()
        return actors[
            "holder" if TicketRole.HOLDER in wanted else "member" if TicketRole.MEMBER in wanted else "supervisor"
        ]

    def act(self, ticket: Ticket, document: Mapping[str, Any]) -> None:
        """An action as it would come from the topic: done, and said exactly once, or refused with a reason."""
        action = ActionRequested.model_validate({"action_id": "a", "ticket_id": ticket.key, **document})
        verdict = judge(ticket, action, self.now, self.docket.context())
        if isinstance(verdict, Refused):
            assert verdict.code
            assert verdict.message
            return
        assert verdict.ticket.state in LEADS_TO[action.kind][ticket.state], (ticket.state, action)
        verbs = [type(event).__name__.removeprefix("Ticket").lower() for event in verdict.events]
        if action.kind == "transfer":
            assert verbs[-1] == verdict.ticket.state
        else:
            assert verbs.count(SAYS[action.kind]) == 1, verbs
        assert len(set(verbs)) == len(verbs), verbs
        self.decide(verdict)


def consistent(ticket: Ticket) -> None:
    """One holder exactly while somebody has it, one wait while it waits, one timer where one belongs."""
    assert (ticket.agent_id is not None) == (ticket.state in HELD), ticket
    assert (ticket.waiting_on is not None) == (ticket.state is TicketState.WAITING), ticket
    assert set(timers_of(ticket)) == {"assigned": {"accept"}, "resolved": {"close"}}.get(ticket.state, set()), ticket
    assert ticket.closed_at is None or ticket.state in ENDED, ticket
    assert ticket.closed_at is not None or ticket.state is not TicketState.CLOSED, ticket
    assert (ticket.merged_into is not None) == (ticket.state is TicketState.MERGED), ticket


def play(house: House, sequence: list[tuple[int, Any]]) -> None:
    """Everything in turn."""
    for number, what in sequence:
        ticket = house.docket.tickets[house.ids[number]]
        match what:
            case dict():
                house.act(ticket, what)
            case (_, who, document):
                house.act(ticket, {**document, "actor": house.somebody(ticket, document["kind"], who)})
            case ("time", by):
                house.tick(by)
            case ("match", _):
                house.match()
            case ("agent", change):
                house.change(*change)
            case (word, value):
                house.hear(ticket, word, value)


def test_the_contract_says_where_actions_lead() -> None:
    """The states an action may lead to are the same in the contract and in this file."""
    contract = {kind: {state: {*to.leads_to} for state, to in states.items()} for kind, states in PERMITTED.items()}
    assert contract == LEADS_TO


@given(steps)
@settings(max_examples=300, deadline=None)
def test_whatever_is_asked_for(sequence: list[tuple[int, Any]]) -> None:
    """No order of actions, events, time and absences, with any data, raises or leaves the table, nor gives a ticket
    two holders or an agent more than they can take; each action is done and said once, or refused with a reason."""
    house = House()
    house.match()
    play(house, sequence)
