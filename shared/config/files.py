"""Rule files (YAML) with the line of every value, so that a mistake is reported as file, line and reason.

Values follow YAML 1.2: `13:30` is text and not 810, `on` is text and not true, `2026-10-01` is text and not a date.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from shared.config.rule_model import Where, refusals

Model = TypeVar("Model", bound=BaseModel)

_DEEPEST = 40
_MOST_VALUES = 200_000


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake in one rule file. `line` counts from 1; 0 means the file as a whole (missing, unreadable)."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class ConfigError(Exception):
    """The rule files cannot be used; `problems` names every mistake found, in file order."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One parsed rule file: plain values (dict, list, str, int, float, bool, None) and the line of each."""

    file: Path
    value: Any
    lines: Mapping[Where, int]

    def line_of(self, where: Where) -> int:
        """The line of the value at `where`, else of its nearest enclosing value that the file has."""
        for length in range(len(where), -1, -1):
            line = self.lines.get(where[:length])
            if line is not None:
                return line
        return 1

    def problem(self, where: Where, reason: str) -> ConfigProblem:
        """A mistake at `where`; the reason is prefixed with the way there, as in `policies.0.plan: …`."""
        path = ".".join(str(part) for part in where)
        return ConfigProblem(self.file, self.line_of(where), f"{path}: {reason}" if path else reason)

    def parse_as(self, model: type[Model], where: Where = ()) -> Model:
        """The value at `where` as a pydantic model; raises `ConfigError` with the line of every field it refuses."""
        value = self.value
        for part in where:
            value = value[part]
        try:
            return model.model_validate(value)
        except ValidationError as refused:
            problems = [self.problem(where + inner, reason) for inner, reason in refusals(refused)]
            raise ConfigError(sorted(problems, key=lambda problem: problem.line)) from None


def load_yaml(path: Path) -> ConfigFile:
    """Read one YAML file. Raises `ConfigError` when it is missing, not UTF-8, not YAML or repeats a key."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError([ConfigProblem(path, 0, "the file does not exist")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([ConfigProblem(path, 0, f"not UTF-8 at byte {error.start}")]) from None
    except OSError as error:
        raise ConfigError([ConfigProblem(path, 0, f"cannot be read: {error.strerror}")]) from None
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> ConfigFile:
    """The same for text that is already at hand; `path` only names it in the problems."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "not valid YAML"
        raise ConfigError([ConfigProblem(path, mark.line + 1 if mark else 0, reason)]) from None
    except yaml.YAMLError as error:
        raise ConfigError([ConfigProblem(path, 0, f"not valid YAML: {error}")]) from None
    reading = _Reading(path)
    value = reading.value(root, ())
    if reading.problems:
        raise ConfigError(sorted(reading.problems, key=lambda problem: problem.line))
    return ConfigFile(path, value, reading.lines)


class _Reading:
    """Turns YAML nodes into plain values and notes the line of each."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[Where, int] = {}
        self.problems: list[ConfigProblem] = []

    def value(self, node: yaml.Node | None, where: Where) -> Any:
        if node is None:
            return None
        line = node.start_mark.line + 1
        self.lines.setdefault(where, line)
        # Aliases of aliases double with every line: a short file could fill the memory.
        if len(self.lines) > _MOST_VALUES:
            raise ConfigError([ConfigProblem(self.file, line, f"more than {_MOST_VALUES} values")])
        # An alias inside its own anchor would never end; nothing sensible is nested this deep.
        if len(where) > _DEEPEST:
            self.problems.append(ConfigProblem(self.file, line, f"nested deeper than {_DEEPEST} levels"))
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*where, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, where)
        return _scalar(node)

    def mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(ConfigProblem(self.file, line, "a key must be plain text"))
                continue
            key: str = key_node.value
            if key in found:
                self.problems.append(ConfigProblem(self.file, line, f"the key {key!r} is given twice"))
                continue
            self.lines[(*where, key)] = line
            found[key] = self.value(value_node, (*where, key))
        return found


_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text: str = node.value
    if isinstance(node, yaml.ScalarNode) and node.style is not None:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
