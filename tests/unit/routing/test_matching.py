"""Who gets which ticket."""

import random
from collections import Counter
from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.agent import Agent
from services.routing.domain.kinds import WaitingKind, served
from services.routing.domain.matching import Assignment, match
from services.routing.domain.ticket import Ticket
from shared.contracts.lifecycle import TicketState
from tests.unit.routing.samples import NOW, RULES, a_ticket, an_agent, seconds

TYPES = ("refund", "topup_not_arrived", "dispute")
NAMES = tuple(f"a-{number}" for number in range(8))

agents = st.builds(
    an_agent,
    st.sampled_from(NAMES),
    team=st.sampled_from(["frontline", "supervisor", "technical"]),
    skills=st.dictionaries(st.sampled_from(TYPES), st.integers(1, 5)),
    languages=st.sampled_from([(), ("zh",), ("en", "zh")]),
    tiers=st.sampled_from([None, frozenset({"enterprise"}), frozenset({"standard", "gold"})]),
    capacity=st.integers(0, 4),
    load=st.integers(0, 5),
    presence=st.sampled_from(["online", "online", "away", "offline"]),
)
teams = st.lists(agents, max_size=8, unique_by=lambda agent: agent.agent_id)
tickets = st.lists(
    st.builds(
        a_ticket,
        st.integers(1, 1000),
        tier=st.sampled_from(["standard", "gold", "enterprise", "platinum"]),
        problem_type=st.sampled_from(TYPES),
        urgency=st.sampled_from(["normal", "high", "critical"]),
        language=st.sampled_from([None, "zh-CN", "en"]),
        team=st.sampled_from([None, None, "technical"]),
        advisor_agent_id=st.sampled_from([None, *NAMES]),
        skipped_by=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 400).map(lambda ago: NOW - seconds(ago))),
        queued_at=st.integers(0, 200).map(lambda ago: NOW - seconds(ago)),
    ),
    max_size=20,
    unique_by=lambda ticket: ticket.ticket_id,
)


@given(tickets, teams)
def test_capacity_is_never_exceeded(waiting: list[Ticket], team: list[Agent]) -> None:
    """However many tickets wait, nobody gets more than they have places, and nobody absent gets any."""
    given_to = Counter(assignment.agent_id for assignment in match(waiting, team, NOW, RULES).values())
    for agent in team:
        places = max(agent.capacity - agent.load, 0) if agent.online else 0
        assert given_to[agent.agent_id] <= places


@given(tickets, teams)
def test_only_to_who_fits(waiting: list[Ticket], team: list[Agent]) -> None:
    """Whoever gets a ticket serves its tier, knows its problem, is of its queue's team, or is its advisor or rung."""
    by_id = {agent.agent_id: agent for agent in team}
    for ticket in waiting:
        assignment = match(waiting, team, NOW, RULES).get(ticket.ticket_id)
        if assignment is None:
            continue
        agent = by_id[assignment.agent_id]
        if assignment.rule == "dedicated_advisor":
            assert (ticket.tier, ticket.advisor_agent_id) == ("enterprise", agent.agent_id)
            continue
        assert agent.serves(ticket.tier)
        if assignment.rule == "escalation_team":
            assert agent.team == ticket.team
        else:
            assert agent.knows(ticket.problem_type)
            assert ticket.team is not None or agent.team == "frontline"
        assert assignment.candidates >= 1


@given(tickets, teams, st.randoms(use_true_random=False))
def test_the_order_of_reading_decides_nothing(waiting: list[Ticket], team: list[Agent], chance: random.Random) -> None:
    """The order in which tickets and agents are read decides nothing."""
    first = match(waiting, team, NOW, RULES)
    chance.shuffle(waiting)
    chance.shuffle(team)
    assert match(waiting, team, NOW, RULES) == first


@given(tickets, teams)
def test_only_those_who_are_chosen_matter(waiting: list[Ticket], team: list[Agent]) -> None:
    """A plan made again while everybody it does not want is busy is the same plan: it need not be made again."""
    present = [agent for agent in team if agent.presence != "offline"]
    planned = {one.ticket_id: one.agent_id for one in match(waiting, present, NOW, RULES).values()}
    wanted = set(planned.values())
    rest_busy = [
        agent if agent.agent_id in wanted else replace(agent, load=max(agent.load, agent.capacity)) for agent in present
    ]
    assert {one.ticket_id: one.agent_id for one in match(waiting, rest_busy, NOW, RULES).values()} == planned


@given(tickets, teams)
def test_no_free_place_while_somebody_waits(waiting: list[Ticket], team: list[Agent]) -> None:
    """After a round no ordinary ticket waits while somebody who fits and did not pass it has a place."""
    chosen = match(waiting, team, NOW, RULES)
    taken = Counter(assignment.agent_id for assignment in chosen.values())
    left = [replace(agent, load=agent.load + taken[agent.agent_id]) for agent in team]
    for ticket in waiting:
        if ticket.ticket_id in chosen or ticket.team is not None or ticket.tier == "enterprise":
            continue
        for agent in left:
            fits = agent.team == "frontline" and agent.serves(ticket.tier) and agent.knows(ticket.problem_type)
            assert not (fits and agent.free and agent.agent_id not in ticket.skipped_by)


def test_language_skill_load_and_idleness_decide_in_turn() -> None:
    """Among those who fit: the language, the skill, the least loaded for their capacity, the longest idle."""
    ticket = a_ticket(language="en")
    least = an_agent("e", capacity=10, load=1, skills={"refund": 3}, last_assigned_at=NOW)
    ranked = [
        an_agent("a", capacity=10, load=5, skills={"refund": 5}, languages=("en",)),
        an_agent("b", capacity=10, load=1, skills={"refund": 3}, languages=("en",)),
        replace(least, languages=("en-GB",)),
        an_agent("d", capacity=2, load=1, skills={"refund": 3}, languages=("en",)),
        an_agent("c", capacity=10, skills={"refund": 5}, languages=("zh",)),
    ]
    for place, agent in enumerate(ranked):
        assert only(ticket, *ranked[place:]).agent_id == agent.agent_id


def test_agents_alike_share_the_tickets() -> None:
    """Agents alike share the tickets, also when they come as different kinds."""
    tickets = [a_ticket(number, problem_type=TYPES[number % 2]) for number in range(1, 13)]
    team = [an_agent(name, capacity=9) for name in ("a", "b", "c")]
    given_to = Counter(assignment.agent_id for assignment in match(tickets, team, NOW, RULES).values())
    assert given_to == {"a": 4, "b": 4, "c": 4}


def test_busy_advisor_is_waited_for() -> None:
    """A busy or absent-minded advisor is waited for, one who is offline or passed the ticket is not."""
    ticket = a_ticket(tier="enterprise", advisor_agent_id="advisor")
    other = an_agent("other")
    free = an_agent("advisor", skills={"dispute": 1}, team="operations")
    assert only(ticket, other, free) == Assignment(ticket.ticket_id, "advisor", "advisor", "dedicated_advisor", 1)
    busy = replace(free, load=2)
    assert match([ticket], [other, busy], NOW, RULES) == {}
    assert match([ticket], [other, replace(free, presence="away")], NOW, RULES) == {}
    assert only(ticket, other, replace(free, presence="offline")).agent_id == "other"
    late = replace(ticket, queued_at=NOW - seconds(RULES.lanes.advisor.wait_seconds))
    assert only(late, other, busy).agent_id == "other"
    skipped_by = replace(ticket, skipped_by={"advisor": NOW})
    assert only(skipped_by, other, free).agent_id == "other"


def test_advisor_is_for_enterprise() -> None:
    """A member of another tier does not go to an advisor first."""
    ticket = a_ticket(tier="gold", advisor_agent_id="advisor")
    assert only(ticket, an_agent("advisor", skills={"refund": 1}), an_agent("b", skills={"refund": 2})).agent_id == "b"


def test_an_urgent_missing_top_up_goes_the_fast_way() -> None:
    """A top-up that did not arrive goes the fast way when it is urgent or the tier is high."""
    agent = an_agent(capacity=9)
    assert only(a_ticket(problem_type="topup_not_arrived", queue="order"), agent).lane == "normal"
    assert only(a_ticket(problem_type="topup_not_arrived", queue="order", urgency="high"), agent).lane == "fast_topup"
    assert only(a_ticket(problem_type="topup_not_arrived", queue="order", tier="gold"), agent).lane == "fast_topup"
    assert only(a_ticket(tier="gold", urgency="critical"), agent).lane == "normal"


def test_an_escalated_ticket_waits_a_little_for_its_team() -> None:
    """An escalated ticket goes to its team, waits a little for a busy one, and to anybody when none of it is there."""
    ticket = a_ticket(team="technical", queue="technical")
    frontline, technical = an_agent("f"), an_agent("t", team="technical", skills={"dispute": 1})
    assert only(ticket, frontline, technical).rule == "escalation_team"
    busy = replace(technical, load=2)
    assert match([ticket], [frontline, busy], NOW, RULES) == {}
    late = replace(ticket, queued_at=NOW - seconds(RULES.lanes.escalation.wait_seconds))
    assert only(late, frontline, busy).agent_id == "f"
    away = replace(technical, presence="away")
    chosen = only(ticket, frontline, away)
    assert (chosen.agent_id, chosen.rule, chosen.lane) == ("f", "escalation_anybody", "escalation")


def test_who_passed_a_ticket_is_not_asked_at_once_again() -> None:
    """Who passed a ticket is not asked again while somebody else is there, and alone only after a moment."""
    skipped_by = a_ticket(skipped_by={"a": NOW - seconds(10)})
    busy = an_agent("b", load=2)
    assert match([skipped_by], [an_agent("a"), busy], NOW, RULES) == {}
    assert only(skipped_by, an_agent("a"), an_agent("b")).agent_id == "b"
    assert only(skipped_by, an_agent("a")).agent_id == "a"
    just_now = replace(skipped_by, skipped_by={"a": NOW - seconds(1)})
    assert match([just_now], [an_agent("a")], NOW, RULES) == {}
    long_ago = replace(skipped_by, skipped_by={"a": NOW - seconds(RULES.patience.cool_down_seconds)})
    assert only(long_ago, an_agent("a"), busy).agent_id == "a"


def test_the_first_in_line_is_served_first() -> None:
    """With one place left, the ticket whose turn it is gets it."""
    later = a_ticket(1, queue_position_at=NOW + seconds(1))
    first = a_ticket(2, queue_position_at=NOW)
    chosen = match([later, first], [an_agent(capacity=1)], NOW, RULES)
    assert list(chosen) == [UUID(int=2)]
    assert later.state is TicketState.QUEUED


def only(ticket: Ticket, *team: Agent) -> Assignment:
    """The assignment of a single ticket."""
    return match([ticket], team, NOW, RULES)[ticket.ticket_id]


@given(tickets, teams)
def test_who_is_not_looked_at_could_not_have_been_given_away(waiting: list[Ticket], team: list[Agent]) -> None:
    """Whatever is assigned is of a kind somebody free may take, or goes to the advisor of its member."""
    free = [agent for agent in team if agent.free]
    kinds = {one.ticket_id: WaitingKind(one.queue, one.team, one.problem_type, one.tier) for one in waiting}
    looked_at = set(served(set(kinds.values()), free, RULES))
    for ticket_id, assignment in match(waiting, team, NOW, RULES).items():
        assert kinds[ticket_id] in looked_at or assignment.rule == "dedicated_advisor"
