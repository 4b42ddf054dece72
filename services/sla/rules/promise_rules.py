"""`calendars.yaml` and `promises.yaml` as they are written: the type of every field, and what each says by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WrapValidator

from services.sla.domain.calendar_rules import CalendarRules
from services.sla.domain.promises import Condition, LadderTerms, Rung, Target
from services.sla.rules.durations import parse_duration
from shared.config.rule_model import RuleModel
from shared.contracts.vocabulary import Clock

CALENDARS_FILE: Final = "calendars.yaml"
PROMISES_FILE: Final = "promises.yaml"
A_DURATION: Final = "a duration such as 2h, 1h30m or 90s"


def _more_than_none(length: timedelta) -> timedelta:
    if not length:
        raise ValueError("is more than zero")
    return length


def _warning(value: object) -> Callable[[timedelta], timedelta]:
    """How long before the end of a promise somebody is warned: a share of it (25%), or a duration."""
    if isinstance(value, str) and value.endswith("%") and value[:-1].isascii() and value[:-1].isdecimal():
        share = int(value[:-1])
        return lambda within: within * share / 100
    before = parse_duration(value)
    return lambda _: before


def _by_clock(value: object, check: Callable[[object], Any]) -> Any:
    return check(value) if isinstance(value, dict) else dict.fromkeys(Clock, _warning(value))


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Promised = Annotated[Duration, AfterValidator(_more_than_none)]
Warnings = Annotated[
    dict[Clock, Annotated[Callable[[timedelta], timedelta], PlainValidator(_warning)]], WrapValidator(_by_clock)
]
Name = Annotated[str, Field(min_length=1)]


class WrittenCalendars(RuleModel):
    """`calendars.yaml`."""

    calendars: dict[str, CalendarRules] = Field(min_length=1, description="a map of names, each with its calendar")


class WrittenRung(RuleModel):
    """One level of a ladder."""

    team: Literal["supervisor", "technical", "operations"]
    climb_after: Promised | None = None


class WrittenLadder(RuleModel):
    """A ladder that policies name."""

    time: Literal["working", "real"] = "working"
    rungs: Annotated[tuple[WrittenRung, ...], Field(min_length=1, max_length=3)]

    def terms(self) -> LadderTerms:
        """The ladder as the domain knows it."""
        rungs = tuple(Rung(rung.team, rung.climb_after) for rung in self.rungs)
        return LadderTerms(rungs, working_time=self.time == "working")


class WrittenPolicy(RuleModel):
    """One policy: for which tickets, and what they are promised."""

    name: Name
    condition: Annotated[Condition | None, Field(alias="for")] = None
    calendar: str = Field(description=f"the name of one in {CALENDARS_FILE}")
    first_answer: Promised = Field(description=f"every ticket is promised a first answer; {A_DURATION}")
    plan: Promised | None = None
    next_answer: Promised | None = None
    warn_before: Warnings = Field(default_factory=dict)
    max_member_pause: Duration = timedelta()
    ladder: str | None = Field(None, description="the name of one in this file, under `ladders`")

    @property
    def for_all(self) -> bool:
        """Whether every ticket is meant."""
        return self.condition is None or self.condition.always_holds

    def targets(self) -> dict[Clock, Target]:
        """What is promised, clock by clock."""
        lengths = {Clock.FIRST_ANSWER: self.first_answer, Clock.PLAN: self.plan, Clock.NEXT_ANSWER: self.next_answer}
        return {
            clock: Target(within, self.warn_before[clock](within) if clock in self.warn_before else timedelta())
            for clock, within in lengths.items()
            if within is not None
        }


class WrittenPromises(RuleModel):
    """`promises.yaml`."""

    ladders: dict[str, WrittenLadder] | None = None
    policies: tuple[WrittenPolicy, ...] = Field(
        min_length=1, description="a list of policies, the first that fits is taken"
    )
