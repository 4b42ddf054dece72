"""Rule files: what is accepted, and how a mistake is reported."""

from pathlib import Path
from typing import get_args

import pytest

from services.intake.rules.catalogue import shipped_catalogue
from services.intake.rules.problem_types import load_problem_types
from services.intake.understanding.missing import Known, missing
from services.intake.understanding.problem_types import FACTS
from services.intake.understanding.rules import Matcher, Rule
from shared.config.files import ConfigError
from shared.contracts.vocabulary import ProblemType
from tests.shipped import CONFIG

SHARED = """\
guards: {asking: ["怎么"]}
signals:
  - id: angry
    names: {zh: 生气, en: angry}
    any: [垃圾]
"""
OTHER = """\
id: other
names: {zh: 其他, en: Other}
description: whatever else
"""


def folder(tmp_path: Path, shared: str = SHARED, **types: str) -> Path:
    (tmp_path / "problem_types").mkdir()
    (tmp_path / "understanding.yaml").write_text(shared, encoding="utf-8")
    for name, text in {"other": OTHER, **types}.items():
        (tmp_path / "problem_types" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def with_rule(pattern: str, unless: str = "asking") -> str:
    head = OTHER.replace("other", "refund", 1)
    return f'{head}rules:\n  - id: back\n    weight: 2\n    unless: [{unless}]\n    any:\n      - "{pattern}"\n'


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load_problem_types(path)
    return [f"{one.file.name}:{one.line}: {one.reason}" for one in refused.value.problems]


def test_every_problem_type_of_the_contract_is_shipped() -> None:
    """The shipped folder defines exactly the contract's types, each with a Chinese and an English name."""
    shipped = load_problem_types(CONFIG).types
    assert set(shipped) == {kind.value for kind in ProblemType}, "ProblemType in shared/contracts/vocabulary.py"
    assert all(kind.names.zh and kind.names.en and kind.examples for kind in shipped.values())


@pytest.mark.parametrize("fact", get_args(FACTS))
def test_every_fact_can_be_found_and_asked_for(tmp_path: Path, fact: str) -> None:
    """Whatever a type may require is lacking when nothing is known, there when it is, and has a name agents read."""
    rules = load_problem_types(folder(tmp_path, refund=OTHER.replace("other", "refund", 1) + f"required: [{fact}]\n"))
    assert missing("refund", Known(False, False, False, False, ""), rules) == (fact,)
    assert missing("refund", Known(True, True, True, True, "提示错误"), rules) == ()
    assert fact in shipped_catalogue().facts


def test_a_type_is_added_by_adding_a_file(tmp_path: Path) -> None:
    """An operator's own type needs no code."""
    own = with_rule("退款").replace("refund", "my_refund", 1)
    assert "my_refund" in load_problem_types(folder(tmp_path, my_refund=own)).types


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_rule("(?<=a)b"), "refund.yaml:9: rules.0.any.0: not a pattern RE2 accepts: invalid perl operator: (?<"),
        (with_rule("(退"), "refund.yaml:9: rules.0.any.0: not a pattern RE2 accepts: missing ): (退"),
        (with_rule("退*"), "refund.yaml:9: rules.0.any.0: the pattern matches every text"),
        (with_rule("<money>"), "refund.yaml:9: rules.0.any.0: no word <money> in understanding.yaml"),
        (with_rule("退", "nobody"), "refund.yaml:7: rules.0.unless.0: no guard 'nobody' in understanding.yaml"),
        (OTHER, "refund.yaml:1: id: the type 'other' is defined twice"),
        (with_rule("退").replace("weight: 2", "weight: 0"), "refund.yaml:6: rules.0.weight: Input should be greater"),
    ],
)
def test_a_mistake_is_reported_with_file_line_and_reason(tmp_path: Path, text: str, expected: str) -> None:
    """Whoever edits rules is told where and why they are refused."""
    (found,) = problems(folder(tmp_path, refund=text))
    assert found.startswith(expected)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """Two broken files give two problems, not one after the other."""
    found = problems(folder(tmp_path, refund=with_rule("(退"), dispute="id: [1"))
    assert [line.split(":")[0] for line in found] == ["dispute.yaml", "refund.yaml"]


def test_without_the_type_other_nothing_starts(tmp_path: Path) -> None:
    """What fits nothing must have a place to go."""
    path = folder(tmp_path, other=OTHER.replace("other", "refund", 1))
    assert problems(path) == ["problem_types:0: the type 'other' is missing"]


def test_a_guard_stops_a_rule_in_its_own_sentence_only() -> None:
    """A question before the complaint does not silence the complaint."""
    rule = Rule("type", "refund", "back", ("退款",), 2.0, ("asking",))
    matcher = Matcher([rule], guards={"asking": ["怎么"]}, words={})
    assert matcher.hits("怎么退款") == ()
    assert [hit.sentences for hit in matcher.hits("怎么退款?我要退款。退款!")] == [2]


def test_a_pattern_that_would_explode_elsewhere_does_not_here() -> None:
    """An operator cannot stop the service with a nested repetition."""
    matcher = Matcher([Rule("type", "refund", "evil", ("(没+)+到",), 1.0)], guards={}, words={})
    assert matcher.hits("没" * 5_000) == ()
    assert len(matcher.hits("没" * 300 + "到")) == 1
