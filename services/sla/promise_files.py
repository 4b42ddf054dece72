"""`calendars.yaml` and `promises.yaml`: read, checked against each other, and made the policies sla runs by."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.sla.domain.calendar import Calendar
from services.sla.domain.calendar_rules import CalendarError
from services.sla.domain.durations import parse_duration
from services.sla.domain.promises import Condition, LadderTerms, Policy, Promises, Rung, Target, Terms
from shared.config.files import ConfigError, ConfigFile, ConfigProblem, Where, load_yaml
from shared.contracts.vocabulary import Clock, Complexity, Team, Tier, Urgency

CALENDARS_FILE = "calendars.yaml"
PROMISES_FILE = "promises.yaml"

_LEVELS = 3
_RUNG_TEAMS = (Team.SUPERVISOR, Team.TECHNICAL, Team.OPERATIONS)
_POLICY_FIELDS = {"name", "for", "calendar", *Clock, "warn_before", "max_member_pause", "ladder"}
_KNOWN_VALUES: dict[str, set[str] | None] = {
    "tiers": {*Tier},
    "complexities": {*Complexity},
    "urgencies": {*Urgency},
    "problem_types": None,
}


def load_promises(directory: Path) -> Promises:
    """The promises of a rule folder. Raises `ConfigError` with every mistake of both files, each with its line."""
    problems: list[ConfigProblem] = []
    calendars: dict[str, tuple[str, Calendar]] | None = None
    try:
        calendars = _calendars(load_yaml(directory / CALENDARS_FILE))
    except ConfigError as error:
        problems += error.problems
    try:
        file = load_yaml(directory / PROMISES_FILE)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    reader = _Reader(file, calendars)
    policies = reader.policies()
    problems += sorted(reader.problems, key=lambda problem: problem.line)
    if problems or calendars is None:
        raise ConfigError(problems)
    return Promises(tuple(policies), dict(calendars.values()))


def _calendars(file: ConfigFile) -> dict[str, tuple[str, Calendar]]:
    """Calendars by name, each with its reference `name@version`."""
    documents = file.value.get("calendars") if isinstance(file.value, dict) else None
    if not isinstance(documents, dict) or not documents:
        raise ConfigError([file.problem((), "has no calendars: it is a map `calendars:` of names")])
    found: dict[str, tuple[str, Calendar]] = {}
    problems = [file.problem((key,), "no such section") for key in file.value if key != "calendars"]
    for name, document in documents.items():
        try:
            calendar = Calendar.parse(document)
        except CalendarError as error:
            problems += [file.problem(("calendars", name, *each.where), each.reason) for each in error.problems]
        else:
            found[name] = (f"{name}@{calendar.version}", calendar)
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line))
    return found


class _Reader:
    """Reads the promises file and gathers what is wrong with it; `calendars` is None when theirs is unusable."""

    def __init__(self, file: ConfigFile, calendars: Mapping[str, tuple[str, Calendar]] | None) -> None:
        self.file = file
        self.calendars = calendars
        self.problems: list[ConfigProblem] = []

    def refuse(self, where: Where, reason: str) -> None:
        self.problems.append(self.file.problem(where, reason))

    def policies(self) -> list[Policy]:
        root = self.table(self.file.value, (), {"ladders", "policies"})
        ladders = {
            name: self.ladder(value, ("ladders", name))
            for name, value in self.table(root.get("ladders") or {}, ("ladders",), None).items()
        }
        written = root.get("policies")
        if not isinstance(written, list) or not written:
            self.refuse(("policies",), "is a list of policies, the first that fits is taken")
            return []
        policies = [self.policy(value, ("policies", index), ladders) for index, value in enumerate(written)]
        names: set[str] = set()
        for index, policy in enumerate(policies):
            where: Where = ("policies", index)
            if policy is None:
                continue
            if policy.terms.policy in names:
                self.refuse((*where, "name"), f"the name {policy.terms.policy!r} is given twice")
            names.add(policy.terms.policy)
            last = index == len(policies) - 1
            if last and not policy.condition.always_holds:
                self.refuse((*where, "for"), "the last policy is for every ticket that no other fits: it has no `for`")
            if not last and policy.condition.always_holds:
                self.refuse(where, "fits every ticket, so the policies after it are never used; put it last")
        return [policy for policy in policies if policy is not None]

    def policy(self, value: object, where: Where, ladders: Mapping[str, LadderTerms]) -> Policy | None:
        before = len(self.problems)
        given = self.table(value, where, _POLICY_FIELDS)
        if not isinstance(value, dict):
            return None
        condition = self.condition(given.get("for"), (*where, "for"))
        name = given.get("name")
        if not isinstance(name, str) or not name:
            self.refuse((*where, "name"), "a policy needs a name")
        calendar = self.calendar(given.get("calendar"), (*where, "calendar"))
        ladder = LadderTerms()
        named = given.get("ladder")
        if isinstance(named, str) and named in ladders:
            ladder = ladders[named]
        elif named is not None:
            self.refuse((*where, "ladder"), f"there is no ladder {named!r} in this file")
        first, plan, following = (self.target(given, clock, where) for clock in Clock)
        if given.get(Clock.FIRST_ANSWER) is None:
            self.refuse((*where, Clock.FIRST_ANSWER), "is required: every ticket is promised a first answer")
        pause = self.duration(given.get("max_member_pause", "0s"), (*where, "max_member_pause"), zero=True)
        if first is None or pause is None or len(self.problems) > before:
            return None
        return Policy(condition, Terms(str(name), calendar, first, plan, following, pause, ladder))

    def condition(self, value: object, where: Where) -> Condition:
        chosen: dict[str, frozenset[str]] = {}
        for name, values in self.table(value or {}, where, set(_KNOWN_VALUES)).items():
            known = _KNOWN_VALUES[name]
            if not isinstance(values, list) or not values or not all(isinstance(item, str) for item in values):
                self.refuse((*where, name), "is a list with at least one value")
                continue
            for index, item in enumerate(values):
                if known is not None and item not in known:
                    self.refuse((*where, name, index), f"unknown value {item!r}; use {' '.join(sorted(known))}")
            chosen[name] = frozenset(values)
        return Condition(**chosen)

    def calendar(self, name: object, where: Where) -> str:
        if self.calendars is None:
            return ""
        if not isinstance(name, str) or name not in self.calendars:
            self.refuse(where, f"there is no calendar {name!r} in {CALENDARS_FILE}: it has {', '.join(self.calendars)}")
            return ""
        return self.calendars[name][0]

    def target(self, given: Mapping[str, Any], clock: Clock, where: Where) -> Target | None:
        if given.get(clock) is None:
            return None
        within = self.duration(given[clock], (*where, clock))
        warn, warn_where = given.get("warn_before", "0s"), (*where, "warn_before")
        if isinstance(warn, dict):
            warn, warn_where = self.table(warn, warn_where, {*Clock}).get(clock, "0s"), (*warn_where, clock)
        if within is None:
            return None
        before = self.warning(warn, within, warn_where)
        if before is None:
            return None
        if before >= within:
            self.refuse(warn_where, f"a warning {warn} before is not before a {clock} due within {given[clock]}")
        return Target(within, before)

    def warning(self, value: object, within: timedelta, where: Where) -> timedelta | None:
        if isinstance(value, str) and value.endswith("%") and value[:-1].isascii() and value[:-1].isdecimal():
            return within * int(value[:-1]) / 100
        return self.duration(value, where, zero=True)

    def duration(self, value: object, where: Where, *, zero: bool = False) -> timedelta | None:
        try:
            found = parse_duration(value)
        except ValueError as error:
            self.refuse(where, str(error))
            return None
        if not found and not zero:
            self.refuse(where, "is more than zero")
            return None
        return found

    def ladder(self, value: object, where: Where) -> LadderTerms:
        given = self.table(value, where, {"time", "rungs"})
        time = given.get("time", "working")
        if time not in ("working", "real"):
            self.refuse((*where, "time"), "is working (the policy's calendar) or real")
        rungs = given.get("rungs")
        if not isinstance(rungs, list) or not 1 <= len(rungs) <= _LEVELS:
            self.refuse((*where, "rungs"), f"is a list of 1 to {_LEVELS} rungs, level 1 first")
            return LadderTerms()
        found = []
        for index, rung in enumerate(rungs):
            at: Where = (*where, "rungs", index)
            fields = self.table(rung, at, {"team", "climb_after"})
            if fields.get("team") not in _RUNG_TEAMS:
                self.refuse((*at, "team"), f"is one of {', '.join(_RUNG_TEAMS)}")
            last = index == len(rungs) - 1
            if last and fields.get("climb_after") is not None:
                self.refuse((*at, "climb_after"), "there is no rung above the last")
            climb_after = None if last else self.duration(fields.get("climb_after"), (*at, "climb_after"))
            found.append(Rung(str(fields.get("team")), climb_after))
        return LadderTerms(tuple(found), working_time=time == "working")

    def table(self, value: object, where: Where, fields: set[str] | None) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(where, "is a map of fields" if fields is None else f"is a map with {', '.join(sorted(fields))}")
            return {}
        for name in value:
            if fields is not None and name not in fields:
                self.refuse((*where, name), f"no such field; there are {', '.join(sorted(fields))}")
        return {name: item for name, item in value.items() if fields is None or name in fields}
