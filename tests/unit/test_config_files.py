"""Rule files: what is read from them, and how what cannot be read is reported."""

from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from shared.config.files import ConfigError, load_yaml, parse_yaml
from shared.config.rule_model import RuleModel

FILE = Path("rules.yaml")
ALIASES_OF_ALIASES = "a: &a [0]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise("abcdefgh")
)


def test_values_are_those_of_yaml_1_2() -> None:
    """A time of day, a date and the word `on` stay text, whatever older YAML makes of them."""
    text = "a: 13:30\nb: 2026-10-01\nc: on\nd: 010\ne: '7'\nf: [1, 1.5, true, ~]\n"
    assert parse_yaml(text, FILE).value == {
        "a": "13:30", "b": "2026-10-01", "c": "on", "d": 10, "e": "7", "f": [1, 1.5, True, None],
    }  # fmt: skip


def test_a_problem_has_the_line_of_its_value() -> None:
    """A mistake is shown at its own line, and one of a missing field at the line of what should have it."""
    file = parse_yaml("list:\n  - name: a\n  - name: b\n    size: 3\n", FILE)
    assert str(file.problem(("list", 1, "size"), "is too small")) == "rules.yaml:4: list.1.size: is too small"
    assert file.problem(("list", 0, "size"), "is missing").line == 2


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "given twice"),
        ("a: [1,\nb: 2\n", 3, "expected"),
        ("a:\n  - &x [*x]\n", 2, "deeper than"),
        ("a: 1\n? [k]\n: 2\n", 2, "plain text"),
        ('a: "\x07"\n', 0, "not valid YAML"),
        (ALIASES_OF_ALIASES, 1, "more than"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
    ],
)
def test_what_is_no_rule_file_is_refused(text: str, line: int, reason: str) -> None:
    """A key given twice, broken syntax, an endless alias, a second document: each is refused where it stands."""
    with pytest.raises(ConfigError) as refused:
        parse_yaml(text, FILE)
    (problem,) = refused.value.problems
    assert problem.line == line
    assert reason in problem.reason


def test_a_python_tag_builds_nothing() -> None:
    """A tag that would run code elsewhere is plain text here."""
    assert parse_yaml("a: !!python/object/apply:os.system [id]\n", FILE).value == {"a": ["id"]}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are not UTF-8 are problems, not crashes."""
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff\n")
    for name in ("missing.yaml", "latin.yaml", "."):
        with pytest.raises(ConfigError) as refused:
            load_yaml(tmp_path / name)
        assert [problem.line for problem in refused.value.problems] == [0]


def test_a_model_is_refused_field_by_field() -> None:
    """What pydantic refuses is reported with the line of each field."""

    class Rule(BaseModel):
        name: str
        size: int

    file = parse_yaml("rules:\n  - name: a\n    size: big\n  - name: b\n    size: 2\n", FILE)
    assert file.parse_as(Rule, ("rules", 1)) == Rule(name="b", size=2)
    with pytest.raises(ConfigError) as refused:
        file.parse_as(Rule, ("rules", 0))
    assert [problem.line for problem in refused.value.problems] == [3]


def test_whatever_pydantic_refuses_is_said_in_an_operators_words() -> None:
    """What is refused names what could stand there; a list is not said to be too short for what was refused in it."""

    class Part(RuleModel):
        size: Literal["small", "large"] = Field(alias="as")

    class Rules(RuleModel):
        parts: tuple[Part, ...] = Field(min_length=1, description="a list of parts")
        named: dict[Literal["one", "two"], Part] = Field(default_factory=dict)

    def reasons(text: str) -> list[str]:
        with pytest.raises(ConfigError) as refused:
            parse_yaml(text, FILE).parse_as(Rules)
        return [problem.reason for problem in refused.value.problems]

    assert reasons("parts: [{as: huge}]\n") == ["parts.0.as: unknown value 'huge'; use 'small' or 'large'"]
    assert reasons("parts: [{}, 3]\n") == ["parts.0.as: is required", "parts.1: is a map with as"]
    assert reasons("parts: []\n") == ["parts: has 0 entries; it needs at least 1"]
    assert reasons("parts: 3\n") == ["parts: is a list of parts"]
    assert reasons("named: {three: {as: small}}\n") == [
        "parts: is required: a list of parts",
        "named.three: unknown value 'three'; use 'one' or 'two'",
    ]
    assert reasons("parts: [{as: small, '{x}': 1}]\n") == ["parts.0.{x}: no such field; there are as"]
