"""What one rule file takes for granted of another. Only the check looks at it: a service starts with what it has, falls
back (the default queue, a channel that asserts nothing), and goes on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from services.intake.rules.channels import CHANNELS_FILE
from shared.config.files import ConfigFile, ConfigProblem, load_yaml
from shared.config.problem_types import FOLDER, ProblemTypeFile, declared_types
from shared.config.reopening import QUEUES_FILE
from shared.contracts.vocabulary import Channel

_TYPES: Final = "problem_types"


def crossing_problems(folder: Path, files: Sequence[Path]) -> Iterator[ConfigProblem]:
    """Problem types that are named and not declared, or declared and without a queue; channels nobody wrote rules for.

    The files can be read each for itself. Every list under a key ``problem_types`` names problem types.
    """
    types = declared_types(folder)
    known = {one.id for one in types}
    listed: set[str] = set()
    for file in map(load_yaml, files):
        for where in file.lines:
            if where[-2:-1] != (_TYPES,) or not isinstance(where[-1], int):
                continue
            named = _at(file, where)
            listed |= {named} if file.file.name == QUEUES_FILE and where[0] == "queues" else set()
            if named not in known:
                yield file.problem(where, f"there is no problem type {named!r}; it would be {FOLDER}/{named}.yaml")
    yield from _without_queue(types, listed)
    channels = load_yaml(folder / CHANNELS_FILE)
    for missing in sorted(set(Channel) - channels.value["channels"].keys()):
        yield channels.problem(("channels",), f"says nothing of {missing}: may it assert who is speaking?")


def _without_queue(types: Sequence[ProblemTypeFile], listed: set[str]) -> Iterator[ConfigProblem]:
    for one in types:
        if one.queue is None and one.id not in listed:
            yield one.file.problem(("queue",), f"is missing: name one of the queues of {QUEUES_FILE}")


def _at(file: ConfigFile, where: Sequence[str | int]) -> str:
    value = file.value
    for part in where:
        value = value[part]
    return str(value)
