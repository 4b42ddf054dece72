"""The rule files read, checked against each other, and made the policies sla runs by."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from services.sla.domain.calendar import Calendar
from services.sla.domain.promises import Condition, LadderTerms, Policy, Promises, Terms
from services.sla.rules.promise_rules import (
    A_DURATION,
    CALENDARS_FILE,
    PROMISES_FILE,
    WrittenCalendars,
    WrittenPolicy,
    WrittenPromises,
)
from shared.config.files import ConfigError, ConfigFile, ConfigProblem, load_yaml
from shared.config.rule_model import Where
from shared.contracts.vocabulary import Clock

T = TypeVar("T")


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
    written = file.parse_as(WrittenCalendars).calendars
    return {name: Calendar(rules, file.value["calendars"][name]) for name, rules in written.items()}


def _promises(path: Path, calendars: Mapping[str, Calendar] | None) -> WrittenPromises:
    file = load_yaml(path)
    read = file.parse_as(WrittenPromises)
    problems = [*_of_ladders(file, read), *_of_policies(file, read, calendars)]
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line))
    return read


def _of_ladders(file: ConfigFile, read: WrittenPromises) -> Iterator[ConfigProblem]:
    for name, ladder in (read.ladders or {}).items():
        for index, rung in enumerate(ladder.rungs):
            where = ("ladders", name, "rungs", index, "climb_after")
            last = index == len(ladder.rungs) - 1
            if last and rung.climb_after is not None:
                yield file.problem(where, "there is no rung above the last")
            if not last and rung.climb_after is None:
                yield file.problem(where, f"is required: {A_DURATION}, after which the next rung is called")


def _of_policies(
    file: ConfigFile, read: WrittenPromises, calendars: Mapping[str, Calendar] | None
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


def _policy(policy: WrittenPolicy, calendars: Mapping[str, Calendar], ladders: Mapping[str, LadderTerms]) -> Policy:
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
