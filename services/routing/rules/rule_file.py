"""Reads and checks ``queues.yaml``: every mistake with its file, line and reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.routing.rules.model import SHIPPED, Rules
from shared.config.files import ConfigError, ConfigFile, ConfigProblem, load_yaml
from shared.config.problem_types import ProblemTypeFile, declared_types
from shared.config.reopening import QUEUES_FILE
from shared.contracts.vocabulary import Team


def load_rules(config_dir: Path) -> Rules:
    """The rules of routing: ``queues.yaml``, and the queue each problem type names. Raises ``ConfigError``.

    A type waits where its own file says (``queue:``) or where a queue lists it (``problem_types:``), never both; an
    operator's own of which neither is said waits in the default queue.
    """
    file = load_yaml(config_dir / QUEUES_FILE)
    written = file.parse_as(Rules)
    types = declared_types(config_dir)
    misplaced = [problem for declared in types for problem in _misplaced(declared, written)]
    rules = _with_types(written, types)
    problems = misplaced + sorted(_problems(file, rules), key=lambda problem: problem.line)
    if problems:
        raise ConfigError(problems)
    return rules


def _with_types(rules: Rules, types: Sequence[ProblemTypeFile]) -> Rules:
    listed = {name: list(queue.problem_types) for name, queue in rules.queues.items()}
    for declared in types:
        placed = any(declared.id in ids for ids in listed.values())
        if not placed and (declared.queue or declared.id not in SHIPPED):
            listed.setdefault(declared.queue or rules.default_queue, []).append(declared.id)
    queues = {
        name: queue.model_copy(update={"problem_types": tuple(listed[name])}) for name, queue in rules.queues.items()
    }
    return rules.model_copy(update={"queues": queues})


def _misplaced(declared: ProblemTypeFile, rules: Rules) -> Iterator[ConfigProblem]:
    if declared.queue is None:
        return
    if declared.queue not in rules.queues:
        yield declared.file.problem(
            ("queue",), f"there is no queue {declared.queue!r} in {QUEUES_FILE}: {', '.join(rules.queues)}"
        )
    if by := [name for name, queue in rules.queues.items() if declared.id in queue.problem_types]:
        yield declared.file.problem(
            ("queue",), f"{QUEUES_FILE} lists {declared.id} for the queue {by[0]!r} already; say it once"
        )


def _problems(file: ConfigFile, rules: Rules) -> Iterator[ConfigProblem]:
    if rules.default_queue not in rules.queues:
        yield file.problem(("default_queue",), f"there is no queue {rules.default_queue!r}")
    named = Counter(problem_type for queue in rules.queues.values() for problem_type in queue.problem_types)
    for name, queue in rules.queues.items():
        for place, problem_type in enumerate(queue.problem_types):
            if named[problem_type] > 1:
                yield file.problem(("queues", name, "problem_types", place), f"{problem_type} stands in two places")
    for problem_type in sorted(SHIPPED - named.keys()):
        yield file.problem(("queues",), f"no queue takes {problem_type}; name one in problem_types/{problem_type}.yaml")
    escalation = rules.lanes.escalation.queues
    for team in Team:
        if team is Team.FRONTLINE:
            continue
        where = ("lanes", "escalation", "queues", team.value)
        if team not in escalation:
            yield file.problem(where[:-1], f"no queue for tickets escalated to {team}")
        elif escalation[team] not in rules.queues:
            yield file.problem(where, f"there is no queue {escalation[team]!r}")
        elif team not in rules.queues[escalation[team]].teams:
            yield file.problem(where, f"the queue {escalation[team]!r} is not served by {team}")
    known = SHIPPED | named.keys()
    for place, problem_type in enumerate(rules.lanes.fast_topup.problem_types):
        if problem_type not in known:
            where_type = ("lanes", "fast_topup", "problem_types", place)
            yield file.problem(where_type, f"{problem_type!r} is not a problem type")
