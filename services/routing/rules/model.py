"""The rules of routing, as ``config/queues.yaml`` says them. Every duration is in seconds."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from shared.config.rule_model import RuleModel
from shared.contracts.vocabulary import Lane, ProblemType, Team, Tier, Urgency

Seconds = Annotated[float, Field(gt=0, le=366 * 86400)]
Delay = Annotated[float, Field(ge=0, le=366 * 86400)]
HeadStart = Annotated[float, Field(ge=0, le=86400)]


class Queue(RuleModel):
    """Where tickets of some problem types wait, and the teams whose agents serve it."""

    problem_types: tuple[str, ...] = ()
    teams: Annotated[tuple[Team, ...], Field(min_length=1)] = (Team.FRONTLINE,)
    accept_seconds: Seconds


class EscalationLane(RuleModel):
    """``queues``: where an escalated ticket waits for each team; ``wait_seconds``: how long only for that team."""

    queues: dict[Team, str]
    wait_seconds: Delay
    accept_seconds: Seconds
    head_start_seconds: HeadStart


class AdvisorLane(RuleModel):
    """Members of these tiers go to their dedicated advisor first, and wait this long for one who is busy or away."""

    tiers: tuple[Tier, ...]
    wait_seconds: Delay
    accept_seconds: Seconds
    head_start_seconds: HeadStart


class FastLane(RuleModel):
    """These problem types overtake when they are urgent enough or their member's tier is high enough."""

    problem_types: tuple[str, ...]
    from_urgency: Urgency
    from_tier: Tier
    accept_seconds: Seconds
    head_start_seconds: HeadStart


class Lanes(RuleModel):
    """The ways beside the normal one."""

    escalation: EscalationLane
    advisor: AdvisorLane
    fast_topup: FastLane


class HeadStarts(RuleModel):
    """How much earlier than it did a ticket is treated as having entered, by what speaks for it.

    ``due_within_seconds``: a promise that falls due sooner than this after entering adds what it is sooner.
    """

    urgency: dict[Urgency, HeadStart]
    tier: dict[Tier, HeadStart]
    due_within_seconds: HeadStart


class Patience(RuleModel):
    """How long routing waits for what."""

    promise_wait_seconds: Delay
    cool_down_seconds: Delay
    alone_cool_down_seconds: Delay
    offline_grace_seconds: Delay
    close_after_seconds: Seconds
    reopen_within_seconds: Delay
    unknown_ticket_seconds: Seconds


class Rules(RuleModel):
    """All of it."""

    queues: Annotated[dict[str, Queue], Field(min_length=1)]
    default_queue: str
    lanes: Lanes
    head_start_seconds: HeadStarts
    patience: Patience

    def queue_for(self, problem_type: str) -> str:
        """The queue of a problem type; the default one for a type no queue names."""
        return next(
            (name for name, queue in self.queues.items() if problem_type in queue.problem_types), self.default_queue
        )

    def knows_type(self, problem_type: str) -> bool:
        """Whether a ticket may be given this problem type: one that is shipped, or one that a queue names."""
        return problem_type in SHIPPED or any(problem_type in queue.problem_types for queue in self.queues.values())

    def teams_of(self, queue: str) -> frozenset[Team]:
        """The teams that serve a queue; those of the default queue for one that is no longer configured."""
        return frozenset(self.queues.get(queue, self.queues[self.default_queue]).teams)

    def queue_of_team(self, team: str, otherwise: str) -> str:
        """Where tickets escalated to ``team`` wait."""
        return next((queue for known, queue in self.lanes.escalation.queues.items() if known == team), otherwise)

    def accept_due(self, queue: str, lane: str, now: datetime) -> datetime:
        """Until when an agent who is offered a ticket now may accept it."""
        return now + timedelta(seconds=self._accept_seconds(queue, lane))

    def _accept_seconds(self, queue: str, lane: str) -> float:
        if lane == Lane.ESCALATION:
            return self.lanes.escalation.accept_seconds
        if lane == Lane.ADVISOR:
            return self.lanes.advisor.accept_seconds
        if lane == Lane.FAST_TOPUP:
            return self.lanes.fast_topup.accept_seconds
        return self.queues.get(queue, self.queues[self.default_queue]).accept_seconds


SHIPPED: Final = frozenset(value.value for value in ProblemType)
