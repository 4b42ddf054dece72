"""What libraries of working time got wrong, each with its right answer and why."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.sla.domain.calendar_filter import calendar_lines

CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("test_calendar_cases.jsonl").read_text(encoding="utf-8").splitlines()
]


def same(answer: Any, wanted: Any) -> bool:
    """The same moment may be written with another offset."""
    if isinstance(wanted, str):
        return datetime.fromisoformat(answer) == datetime.fromisoformat(wanted)
    return bool(answer == wanted)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"][:40])
def test_every_case_is_answered_as_it_says(case: dict[str, Any]) -> None:
    """What the case wants is what the command line answers."""
    answer = json.loads(next(calendar_lines([json.dumps(case["ask"])])))
    assert all(same(answer.get(name), wanted) for name, wanted in case["want"].items()), (answer, case["why"])
