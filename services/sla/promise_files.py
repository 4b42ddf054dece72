"""`calendars.yaml` and `promises.yaml`: read, checked against each other, and made the policies sla runs by."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WrapValidator

from services.sla.domain.calendar import Calendar
from services.sla.domain.calendar_rules import CalendarRules
from services.sla.domain.durations import parse_duration
from services.sla.domain.promises import Condition, LadderTerms, Policy, Promises, Rung, Target, Terms
from shared.config.files import ConfigError, ConfigFile, ConfigProblem, load_yaml
from shared.config.rule_model import RuleModel, Where
from shared.contracts.vocabulary import Clock

CALENDARS_FILE = "calendars.yaml"
PROMISES_FILE = "promises.yaml"

T = TypeVar("T")


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
_A_DURATION = "a duration such as 2h, 1h30m or 90s"


class _Calendars(RuleModel):
    calendars: dict[str, CalendarRules] = Field(min_length=1, description="a map of names, each with its calendar")


class _Rung(RuleModel):
    team: Literal["supervisor", "technical", "operations"]
    climb_after: Promised | None = None


class _Ladder(RuleModel):
    time: Literal["working", "real"] = "working"
    rungs: Annotated[tuple[_Rung, ...], Field(min_length=1, max_length=3)]

    def terms(self) -> LadderTerms:
        rungs = tuple(Rung(rung.team, rung.climb_after) for rung in self.rungs)
        return LadderTerms(rungs, working_time=self.time == "working")


class _Policy(RuleModel):
    name: Name
    condition: Annotated[Condition | None, Field(alias="for")] = None
    calendar: str = Field(description=f"the name of one in {CALENDARS_FILE}")
    first_answer: Promised = Field(description=f"every ticket is promised a first answer; {_A_DURATION}")
    plan: Promised | None = None
    next_answer: Promised | None = None
    warn_before: Warnings = Field(default_factory=dict)
    max_member_pause: Duration = timedelta()
    ladder: str | None = Field(None, description="the name of one in this file, under `ladders`")

    @property
    def for_all(self) -> bool:
        return self.condition is None or self.condition.always_holds

    def targets(self) -> dict[Clock, Target]:
        lengths = {Clock.FIRST_ANSWER: self.first_answer, Clock.PLAN: self.plan, Clock.NEXT_ANSWER: self.next_answer}
        return {
            clock: Target(within, self.warn_before[clock](within) if clock in self.warn_before else timedelta())
            for clock, within in lengths.items()
            if within is not None
        }


class _Promises(RuleModel):
    ladders: dict[str, _Ladder] | None = None
    policies: tuple[_Policy, ...] = Field(min_length=1, description="a list of policies, the first that fits is taken")


def load_promises(directory: Path) -> Promises:
    """The promises of a rule folder. Raises `ConfigError` with the mistakes of both files, each with its line.

    What one value says of another is looked at once every value of the file is sound by itself.
    """
    problems: list[ConfigProblem] = []
    calendars = _unless_refused(problems, partial(_calendars, directory / CALENDARS_FILE))
    read = _unless_refused(problems, partial(_promises, directory / PROMISES_FILE, calendars))
    if calendars is None or read is None:
        raise ConfigError(problems)
    ladders = {name: ladder.terms() for name, ladder in (read.ladders or {}).items()}
    policies = (_policy(policy, calendars, ladders) for policy in read.policies)
    return Promises(tuple(policies), {_reference(name, calendar): calendar for name, calendar in calendars.items()})


def _unless_refused(problems: list[ConfigProblem], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ConfigError as error:
        problems += error.problems
        return None


def _calendars(path: Path) -> dict[str, Calendar]:
    file = load_yaml(path)
    written = file.parse_as(_Calendars).calendars
    return {name: Calendar(rules, file.value["calendars"][name]) for name, rules in written.items()}


def _promises(path: Path, calendars: Mapping[str, Calendar] | None) -> _Promises:
    file = load_yaml(path)
    read = file.parse_as(_Promises)
    problems = [*_of_ladders(file, read), *_of_policies(file, read, calendars)]
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line))
    return read


def _of_ladders(file: ConfigFile, read: _Promises) -> Iterator[ConfigProblem]:
    for name, ladder in (read.ladders or {}).items():
        for index, rung in enumerate(ladder.rungs):
            where = ("ladders", name, "rungs", index, "climb_after")
            last = index == len(ladder.rungs) - 1
            if last and rung.climb_after is not None:
                yield file.problem(where, "there is no rung above the last")
            if not last and rung.climb_after is None:
                yield file.problem(where, f"is required: {_A_DURATION}, after which the next rung is called")


def _of_policies(
    file: ConfigFile, read: _Promises, calendars: Mapping[str, Calendar] | None
) -> Iterator[ConfigProblem]:
    for index, policy in enumerate(read.policies):
        where: Where = ("policies", index)
        if calendars is not None and policy.calendar not in calendars:
            known = ", ".join(calendars)
            yield file.problem(
                (*where, "calendar"), f"there is no calendar {policy.calendar!r} in {CALENDARS_FILE}: it has {known}"
            )
        if policy.ladder is not None and policy.ladder not in (read.ladders or {}):
            yield file.problem((*where, "ladder"), f"there is no ladder {policy.ladder!r} in this file")
        for clock, target in policy.targets().items():
            if target.warn_before >= target.within:
                yield file.problem((*where, "warn_before", clock), f"must be shorter than the {clock} it warns of")
        if policy.name in {earlier.name for earlier in read.policies[:index]}:
            yield file.problem((*where, "name"), f"the name {policy.name!r} is given twice")
        last = index == len(read.policies) - 1
        if last and not policy.for_all:
            reason = "the last policy is for every ticket that no other fits: it has no `for`"
            yield file.problem((*where, "for"), reason)
        if not last and policy.for_all:
            yield file.problem(where, "fits every ticket, so the policies after it are never used; put it last")


def _policy(policy: _Policy, calendars: Mapping[str, Calendar], ladders: Mapping[str, LadderTerms]) -> Policy:
    targets = policy.targets()
    terms = Terms(
        policy=policy.name,
        calendar=_reference(policy.calendar, calendars[policy.calendar]),
        first_answer=targets[Clock.FIRST_ANSWER],
        plan=targets.get(Clock.PLAN),
        next_answer=targets.get(Clock.NEXT_ANSWER),
        max_member_pause=policy.max_member_pause,
        ladder=ladders[policy.ladder] if policy.ladder is not None else LadderTerms(),
    )
    return Policy(policy.condition or Condition(), terms)


def _reference(name: str, calendar: Calendar) -> str:
    return f"{name}@{calendar.version}"
