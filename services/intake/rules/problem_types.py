"""Reads ``config/understanding.yaml`` and ``config/problem_types/*.yaml``, and names every mistake in them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.intake.rules.catalogue import shipped_catalogue
from services.intake.understanding.problem_types import ProblemTypes, ProblemTypeSpec, SharedSpec
from services.intake.understanding.rules import Matcher, PatternError
from shared.config.files import ConfigError, ConfigFile, ConfigProblem, load_yaml
from shared.config.problem_types import FOLDER
from shared.contracts.vocabulary import ProblemType


def load_problem_types(folder: Path) -> ProblemTypes:
    """Read ``understanding.yaml`` and ``problem_types/*.yaml`` under ``folder``.

    Raises ``ConfigError`` naming every mistake found with file, line and reason: schema, doubled ids,
    unknown guards and words, patterns RE2 refuses, a missing ``other``.
    """
    shared_file = load_yaml(folder / "understanding.yaml")
    shared = shared_file.parse_as(SharedSpec)
    files: list[ConfigFile] = []
    types: list[ProblemTypeSpec] = []
    problems: list[ConfigProblem] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        try:
            file = load_yaml(path)
            types.append(file.parse_as(ProblemTypeSpec))
            files.append(file)
        except ConfigError as error:
            # Not the end: whoever mends a folder wants every mistake of it at once.
            problems.extend(error.problems)
    problems.extend(_inconsistencies(files, types, shared_file, shared))
    if not problems and ProblemType.OTHER not in {kind.id for kind in types}:
        problems.append(ConfigProblem(folder / FOLDER, 0, "the type 'other' is missing"))
    if problems:
        raise ConfigError(problems)
    return ProblemTypes(types, shared, shipped_catalogue())


def _inconsistencies(
    files: Sequence[ConfigFile], types: Sequence[ProblemTypeSpec], shared_file: ConfigFile, shared: SharedSpec
) -> Iterator[ConfigProblem]:
    for name, patterns in shared.guards.items():
        yield from _refused(shared_file, ("guards", name), patterns, shared.words)
    yield from _refused(shared_file, ("idioms",), shared.idioms, {})
    for index, signal in enumerate(shared.signals):
        yield from _refused(shared_file, ("signals", index, "any"), signal.any, shared.words)
        yield from _unknown_guards(shared_file, ("signals", index, "unless"), signal.unless, shared)
    for name, patterns in shared.remarks or ():
        yield from _refused(shared_file, ("remarks", name), patterns, shared.words)
    seen: set[str] = set()
    for file, kind in zip(files, types, strict=True):
        if kind.id in seen:
            yield file.problem(("id",), f"the type {kind.id!r} is defined twice")
        seen.add(kind.id)
        for index, rule in enumerate(kind.rules):
            yield from _refused(file, ("rules", index, "any"), rule.any, shared.words)
            yield from _unknown_guards(file, ("rules", index, "unless"), rule.unless, shared)


def _refused(
    file: ConfigFile, where: tuple[str | int, ...], patterns: Sequence[str], words: dict[str, str]
) -> Iterator[ConfigProblem]:
    for index, pattern in enumerate(patterns):
        try:
            Matcher.check(pattern, words)
        except PatternError as error:
            yield file.problem((*where, index), str(error))


def _unknown_guards(
    file: ConfigFile, where: tuple[str | int, ...], names: Sequence[str], shared: SharedSpec
) -> Iterator[ConfigProblem]:
    for index, name in enumerate(names):
        if name not in shared.guards:
            yield file.problem((*where, index), f"no guard {name!r} in understanding.yaml")
