"""What members of shops like ours wrote and parsers like ours got wrong, each with its right answer and why."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.intake.understanding.filter import understand_lines
from tests.shipped import problem_types

RULES = problem_types()
RECEIVED = "2026-11-25T15:30:00+08:00"
CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("test_understanding_cases.jsonl").read_text(encoding="utf-8").splitlines()
]


def moments(found: dict[str, Any]) -> list[str]:
    return [moment["at"] for moment in found["timeline"] if moment["at"]]


def wrong(found: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    at = moments(found)
    yield from (f"no moment {day}" for day in want.get("at", ()) if not starts(at, day))
    yield from (f"a moment {day}" for day in want.get("not_at", ()) if starts(at, day))
    if want.get("no_times") and at:
        yield f"moments {at}"
    unwanted = found["signals"] if want.get("no_signals") == "any" else want.get("no_signals", ())
    yield from (f"signal {name}" for name in unwanted if name in found["signals"])
    for field, name in (("type", "problem_type"), ("urgency", "urgency"), ("outcome", "outcome")):
        if field in want and found[name] not in want[field]:
            yield f"{field} {found[name]}"
    for field, name in (("orders", "order_nos"), ("phones", "phones")):
        if field in want and found[name] != want[field]:
            yield f"{field} {found[name]}"
    sums = [float(amount["value"]) for amount in found["amounts"]]
    if "amounts" in want and sums != want["amounts"]:
        yield f"amounts {sums}"


def starts(moments: Iterable[str], day: str) -> bool:
    return any(moment.startswith(day) for moment in moments)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["ask"]["text"].split("\n")[0][:30])
def test_every_case_is_answered_as_it_says(case: dict[str, Any]) -> None:
    """What the case wants is what the command line answers."""
    asked = json.dumps({"received_at": RECEIVED, **case["ask"]})
    (answer,) = understand_lines([asked], RULES, datetime.now(UTC))
    assert list(wrong(json.loads(answer), case["want"])) == [], case["why"]
