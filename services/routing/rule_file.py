"""Reads and checks ``queues.yaml``: every mistake with its file, line and reason."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from services.routing.domain.rules import SHIPPED, Rules
from shared.config_files import ConfigError, ConfigFile, ConfigProblem, load_yaml
from shared.contracts.vocabulary import Team

RULE_FILE: Final = "queues.yaml"


def load_rules(config_dir: Path) -> Rules:
    """The rules of routing. Raises ``ConfigError`` with all that is wrong."""
    file = load_yaml(config_dir / RULE_FILE)
    rules = file.parse_as(Rules)
    if problems := sorted(_problems(file, rules), key=lambda problem: problem.line):
        raise ConfigError(problems)
    return rules


def _problems(file: ConfigFile, rules: Rules) -> Iterator[ConfigProblem]:
    if rules.default_queue not in rules.queues:
        yield file.problem(("default_queue",), f"there is no queue {rules.default_queue!r}")
    named = Counter(problem_type for queue in rules.queues.values() for problem_type in queue.problem_types)
    for name, queue in rules.queues.items():
        for place, problem_type in enumerate(queue.problem_types):
            if named[problem_type] > 1:
                yield file.problem(("queues", name, "problem_types", place), f"{problem_type} stands in two places")
    for problem_type in sorted(SHIPPED - named.keys()):
        yield file.problem(("queues",), f"no queue takes {problem_type}")
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
