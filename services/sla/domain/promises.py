"""Who is promised what: policies, chosen by what a ticket is, give the terms its clocks run by."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, TypeVar

from pydantic import Field

from services.sla.domain.calendar import Calendar
from shared.config.rule_model import RuleModel
from shared.contracts.vocabulary import Complexity, Tier, Urgency

Value = TypeVar("Value", bound=str)
OneOf = Annotated[frozenset[Value], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class PolicyInput:
    """What the choice of a policy depends on. Values the contract does not know match only policies that name them."""

    tier: str
    complexity: str
    problem_type: str
    urgency: str = Urgency.NORMAL


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: working time until it is due, and how much working time before that somebody is warned."""

    within: timedelta
    warn_before: timedelta


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of the escalation ladder; not acknowledged within `climb_after`, the next one is called."""

    team: str
    climb_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LadderTerms:
    """The rungs, level 1 first, and whether their time is working time of the calendar or real time."""

    rungs: tuple[Rung, ...] = ()
    working_time: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What one ticket was promised; kept with it, so that a later edit of the policy does not move its clocks.

    `calendar` is `name@version`. `max_member_pause` is the real time for which waiting for the member may pause the
    plan clock, all waits of the ticket together.
    """

    policy: str
    calendar: str
    first_answer: Target
    plan: Target | None
    next_answer: Target | None
    max_member_pause: timedelta
    ladder: LadderTerms


class Condition(RuleModel):
    """The tickets a policy is for: every list that is given must hold the ticket's value."""

    tiers: OneOf[Tier] = frozenset()
    complexities: OneOf[Complexity] = frozenset()
    problem_types: OneOf[str] = frozenset()
    urgencies: OneOf[Urgency] = frozenset()

    def holds(self, policy_input: PolicyInput) -> bool:
        """Whether such a ticket is meant."""
        pairs: tuple[tuple[frozenset[str], str], ...] = (
            (self.tiers, policy_input.tier),
            (self.complexities, policy_input.complexity),
            (self.problem_types, policy_input.problem_type),
            (self.urgencies, policy_input.urgency),
        )
        return all(not allowed or value in allowed for allowed, value in pairs)

    @property
    def always_holds(self) -> bool:
        """Whether every ticket is meant, because no list is given."""
        return not (self.tiers or self.complexities or self.problem_types or self.urgencies)


@dataclass(frozen=True, slots=True)
class Policy:
    """A condition and the terms it gives; the plan in them is for every ticket that is not simple."""

    condition: Condition
    terms: Terms


@dataclass(frozen=True, slots=True)
class Promises:
    """All policies in order, and the calendars they name by `name@version`. The last policy is for every ticket."""

    policies: tuple[Policy, ...]
    calendars: Mapping[str, Calendar]

    def terms_for(self, policy_input: PolicyInput) -> Terms:
        """The terms of the first policy that is for such a ticket; a simple ticket is promised no plan."""
        terms = next(policy.terms for policy in self.policies if policy.condition.holds(policy_input))
        if policy_input.complexity != Complexity.SIMPLE:
            return terms
        return replace(terms, plan=None)

    def warnings(self, today: date, ahead: timedelta = timedelta(days=45)) -> list[str]:
        """What an operator should hear: promises over days whose make-up workdays are not published yet."""
        used = sorted({policy.terms.calendar for policy in self.policies})
        known = {reference: self.calendars[reference].known_until for reference in used}
        return [
            f"calendar {reference}: China's make-up workdays are known until {until} only"
            for reference, until in known.items()
            if until is not None and until < today + ahead
        ]
