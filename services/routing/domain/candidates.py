"""The agents of one round of matching: their free places, and who may take which kind of ticket, best first."""

import heapq
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from services.routing.domain.agent import Agent
from services.routing.domain.ticket import Ticket
from services.routing.rules.model import Rules

# Compared from left to right. Whoever does not speak the member's language can help least, so language comes first;
# then skill, for one right answer costs less than two quick ones; then load as a share of capacity, so that a small
# desk is not filled like a large one; then who has been idle longest. The id comes last: without it replicas would
# choose differently among equals.
Preference = tuple[bool, int, float, float, str]
Kind = tuple[str, str, str, frozenset[str] | None, bool]
"""What decides who may take a ticket: problem type, tier, language, the teams asked (None: any), any skill will do."""


class Seats:
    """The agents as the round goes on: a place taken is gone for the next ticket."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        self._agents = {agent.agent_id: agent for agent in agents}
        self._teams_online = {agent.team for agent in self._agents.values() if agent.online}
        self._tiers_matter = any(agent.tiers is not None for agent in self._agents.values())
        self._languages_matter = any(agent.languages for agent in self._agents.values())

    def get(self, agent_id: str) -> Agent | None:
        """The agent as they are now."""
        return self._agents.get(agent_id)

    def all(self) -> Collection[Agent]:
        """Everybody."""
        return self._agents.values()

    def take(self, agent_id: str, now: datetime) -> None:
        """One place of this agent."""
        agent = self._agents[agent_id]
        self._agents[agent_id] = replace(agent, load=agent.load + 1, last_assigned_at=now)

    def kind_of(self, ticket: Ticket, teams: frozenset[str] | None, any_skill: bool) -> "Kind":
        """What decides about a ticket among these agents; tiers and languages nobody is limited to do not."""
        tier = ticket.tier if self._tiers_matter else ""
        language = (ticket.language or "").partition("-")[0] if self._languages_matter else ""
        return ticket.problem_type, tier, language, teams, any_skill

    def team_is_online(self, team: str) -> bool:
        """Whether anybody of the team is there, free or busy."""
        return team in self._teams_online


class Pools:
    """A pool for each kind of ticket, made when the first one of that kind comes."""

    def __init__(self, seats: Seats, rules: Rules) -> None:
        self._seats = seats
        self._rules = rules
        self._pools: dict[Kind, Pool] = {}

    def take(self, agent_id: str, now: datetime) -> None:
        """One place of this agent, in all pools."""
        self._seats.take(agent_id, now)
        agent = self._seats.get(agent_id)
        if agent is None or not agent.free:
            for pool in self._pools.values():
                pool.free.discard(agent_id)

    def of(self, ticket: Ticket, teams: frozenset[str] | None) -> "Pool":
        """The agents online of these teams (None: of any) who may take this ticket.

        The skill is required, except of a team the ticket was escalated to: its knowledge is wanted, whatever the type.
        """
        handed_over = ticket.team is not None and teams is not None
        kind = self._seats.kind_of(ticket, teams, handed_over)
        if kind not in self._pools:
            fitting = [
                agent.agent_id
                for agent in self._seats.all()
                if agent.online
                and agent.serves(ticket.tier)
                and (teams is None or agent.team in teams)
                and (handed_over or agent.knows(ticket.problem_type))
            ]
            self._pools[kind] = Pool(self._seats, fitting, ticket)
        return self._pools[kind]


class Pool:
    """Those who may take one kind of ticket, best first. A place taken through another pool counts here as well."""

    def __init__(self, seats: Seats, fitting: Iterable[str], sample: Ticket) -> None:
        self._seats = seats
        self._sample = sample
        self._fitting = frozenset(fitting)
        self.free = {agent_id for agent_id in self._fitting if self._agent(agent_id).free}
        self._heap = [self._preference(agent_id) for agent_id in self.free]
        heapq.heapify(self._heap)

    def best(self, excluded: Collection[str]) -> str | None:
        """Who should take the next ticket of this kind."""
        stepped_over = []
        chosen = None
        while self._heap and chosen is None:
            preference = heapq.heappop(self._heap)
            agent_id = preference[-1]
            if agent_id not in self.free:
                continue
            current = self._preference(agent_id)
            # Places taken through other pools make entries stale. Putting one right when it comes up costs less than
            # telling all pools of every place.
            if current != preference:
                heapq.heappush(self._heap, current)
                continue
            stepped_over.append(preference)
            chosen = None if agent_id in excluded else agent_id
        # Who is excluded for this ticket may be the best for the next, and who was chosen may have another place.
        for preference in stepped_over:
            heapq.heappush(self._heap, preference)
        return chosen

    def count(self, excluded: Collection[str]) -> int:
        """How many could take one now."""
        return len(self.free) - sum(agent_id in self.free for agent_id in excluded)

    def others_than(self, agent_ids: Collection[str]) -> bool:
        """Whether anybody else fits, free or busy."""
        return not self._fitting.issubset(agent_ids)

    def _agent(self, agent_id: str) -> Agent:
        agent = self._seats.get(agent_id)
        assert agent is not None
        return agent

    def _preference(self, agent_id: str) -> Preference:
        agent = self._agent(agent_id)
        idle_since = agent.last_assigned_at.timestamp() if agent.last_assigned_at else 0.0
        return (
            not agent.speaks(self._sample.language),
            -agent.skills.get(self._sample.problem_type, 0),
            agent.load / max(agent.capacity, 1),
            idle_since,
            agent_id,
        )
