"""Every loader of rule files over one folder, then what the files take for granted of each other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.config.crossing import crossing_problems
from services.intake.rules.channels import load_channels
from services.intake.rules.problem_types import load_problem_types
from services.notify.rules import rule_files as notices
from services.routing.rules import rule_file as queues
from services.sla.rules.promise_files import load_promises
from shared.config.files import ConfigError, ConfigProblem


@dataclass(frozen=True, slots=True)
class Rules:
    """One kind of rules: the files it is made of (patterns below the folder), and who reads them."""

    name: str
    patterns: tuple[str, ...]
    load: Callable[[Path], Any]


LOADERS: Final = (
    Rules("problem types", ("understanding.yaml", "problem_types/*.yaml"), load_problem_types),
    Rules("channels", ("channels.yaml",), load_channels),
    Rules("queues", ("queues.yaml", "problem_types/*.yaml"), queues.load_rules),
    Rules(
        "notices, directory and templates", ("notices.yaml", "directory.yaml", "templates/*.yaml"), notices.load_rules
    ),
    Rules("calendars and promises", ("calendars.yaml", "promises.yaml"), load_promises),
)
"""Who reads what. A file below the folder that nobody reads is a mistake too: most likely its name."""


def check_folder(folder: Path) -> tuple[list[Path], list[ConfigProblem]]:
    """The rule files of the folder that somebody reads, and every mistake in them, in the order of the files."""
    if not folder.is_dir():
        return [], [ConfigProblem(folder, 0, "there is no such folder")]
    problems: list[ConfigProblem] = []
    for rules in LOADERS:
        try:
            rules.load(folder)
        except ConfigError as error:
            problems += error.problems
    read = {path for rules in LOADERS for pattern in rules.patterns for path in folder.glob(pattern)}
    if not read:
        return [], [ConfigProblem(folder, 0, "there is not one rule file in this folder")]
    if not problems:
        problems += crossing_problems(folder, sorted(read))
    problems += [ConfigProblem(path, 0, "nobody reads this file") for path in _rule_files(folder) if path not in read]
    return sorted(read), sorted(problems, key=lambda problem: (problem.file, problem.line))


def _rule_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})
