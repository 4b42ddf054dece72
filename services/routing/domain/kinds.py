"""Kinds of waiting tickets: what is asked before any of them is looked at, so that nobody walks past a whole queue.

However many tickets wait, there are few kinds, and only those are worth a look that somebody free may take.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.routing.domain.agent import Agent
from services.routing.rules.model import Rules


@dataclass(frozen=True, slots=True)
class WaitingKind:
    """What decides who may take a ticket, apart from an advisor. ``team``: the rung it was escalated to, or none."""

    queue: str
    team: str | None
    problem_type: str
    tier: str


def may_take(agent: Agent, kind: WaitingKind, rules: Rules) -> bool:
    """Whether some ticket of this kind may be given to this agent, should they be free."""
    if not agent.serves(kind.tier):
        return False
    if kind.team is None:
        return agent.team in rules.teams_of(kind.queue) and agent.knows(kind.problem_type)
    # Once the team has been waited for, an escalated ticket may go to anybody who knows the matter.
    return agent.team == kind.team or agent.knows(kind.problem_type)


def served(kinds: Iterable[WaitingKind], free: Iterable[Agent], rules: Rules) -> list[WaitingKind]:
    """The kinds of which somebody free may take a ticket."""
    # many agents are alike in what matters here
    unlike = {(agent.team, frozenset(agent.skills.items()), agent.tiers): agent for agent in free}.values()
    return [kind for kind in kinds if any(may_take(agent, kind, rules) for agent in unlike)]
