"""How often the shipped rules are right on messages that were not used to write them.

``plain`` and ``tricky`` were written before the rules, ``late`` after them and with their key words avoided on purpose.
"""

import json
from datetime import datetime
from pathlib import Path

import pytest

from services.intake.understanding.moments import SHANGHAI
from services.intake.understanding.understand import understand
from shared.contracts.vocabulary import Outcome
from tests.shipped import problem_types

RULES = problem_types()
HELD_OUT = [
    json.loads(line)
    for line in Path(__file__).with_name("test_understanding_held_out.jsonl").read_text(encoding="utf-8").splitlines()
]
FOUND = [
    (case, understand(case["text"], received_at=datetime(2026, 11, 22, 16, 30, tzinfo=SHANGHAI), rules=RULES))
    for case in HELD_OUT
]


@pytest.mark.parametrize(("kind", "floor"), [("plain", 0.90), ("tricky", 0.75), ("late", 0.15)])
def test_accuracy_does_not_fall(kind: str, floor: float) -> None:
    """The right type is named first at least this often; wordings without a known key word are honestly rare hits."""
    right = [found.problem_type == case["type"] for case, found in FOUND if case["kind"] == kind]
    assert sum(right) / len(right) >= floor


def test_when_it_acts_it_is_right() -> None:
    """Where a machine may go on without a person, the type is right nine times in ten."""
    acted = [found.problem_type == case["type"] for case, found in FOUND if found.outcome == Outcome.ACT]
    assert sum(acted) / len(acted) >= 0.9


def test_what_is_not_understood_is_left_to_a_person() -> None:
    """A wrong type is rarer than an abstention."""
    wrong = [case["id"] for case, found in FOUND if found.problem_type != case["type"] and found.outcome == Outcome.ACT]
    abstained = [case["id"] for case, found in FOUND if found.outcome == Outcome.HUMAN]
    assert len(wrong) < len(abstained)
