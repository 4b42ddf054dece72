"""The order of the queue, and that nobody waits for ever."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.lanes import lane_of
from services.routing.domain.matching import match
from services.routing.domain.priority import longest_head_start, queue_position_at
from services.routing.domain.ticket import Ticket
from tests.unit.routing.samples import NOW, RULES, a_ticket, an_agent, seconds

kinds = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["standard", "silver", "gold", "enterprise", "unheard-of"]),
        "urgency": st.sampled_from(["normal", "high", "critical", "unheard-of"]),
        "problem_type": st.sampled_from(["topup_not_arrived", "refund"]),
        "team": st.sampled_from([None, "technical"]),
        "first_answer_due": st.one_of(st.none(), st.integers(-9999, 99999).map(lambda after: NOW + seconds(after))),
    }
)


@given(kinds, kinds, st.floats(0.001, 1e6))
def test_nobody_is_overtaken_beyond_the_longest_head_start(
    ours: dict[str, Any], theirs: dict[str, Any], later: float
) -> None:
    """Nobody is overtaken by a ticket that entered later by more than the longest head start, whatever they are."""
    entered = NOW + longest_head_start(RULES) + seconds(later)
    assert placed(entered_at=NOW, **ours).queue_position_at < placed(entered_at=entered, **theirs).queue_position_at


def test_critical_escalated_lane_tier_promise_come_in_this_order() -> None:
    """Of tickets that entered together: critical, escalated, the fast lane, the tier, the sooner promise."""
    order = [
        placed(urgency="critical", team="technical"),
        placed(urgency="critical"),
        placed(problem_type="topup_not_arrived", tier="gold"),
        placed(tier="enterprise"),
        placed(tier="gold", first_answer_due=NOW + seconds(1700)),
        placed(tier="gold"),
        placed(tier="silver"),
        placed(first_answer_due=NOW + seconds(3000)),
    ]
    ranks = [ticket.queue_position_at for ticket in order]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_nobody_starves_under_overload() -> None:
    """One agent, and for ever two new critical enterprise tickets a minute: the standard ticket is served in time."""
    lowly = placed(number=1)
    waiting, now, number = [lowly], NOW, 1
    while lowly in waiting:
        for _ in range(2):
            number += 1
            waiting.append(placed(number=number, entered_at=now, tier="enterprise", urgency="critical"))
        chosen = match(waiting, [an_agent(capacity=1)], now, RULES)
        waiting = [ticket for ticket in waiting if ticket.ticket_id not in chosen]
        now += timedelta(minutes=1)
        # Twice as many come as can be served, so what entered within the bound takes twice the bound.
        assert now - NOW <= 2 * longest_head_start(RULES) + timedelta(minutes=1)
    assert now - NOW > timedelta(minutes=30)


def placed(number: int = 1, **fields: Any) -> Ticket:
    """A ticket in its lane, at its place."""
    ticket = a_ticket(number, **fields)
    ticket = replace(ticket, lane=lane_of(ticket, RULES))
    return replace(ticket, queue_position_at=queue_position_at(ticket, RULES))
