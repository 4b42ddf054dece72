"""The line filter behind ``kefu understand -``."""

import json
from datetime import datetime
from typing import Any

from services.intake.understanding.filter import understand_lines
from services.intake.understanding.moments import SHANGHAI
from tests.shipped import problem_types

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=SHANGHAI)
RULES = problem_types()
FIELDS = {
    "id", "problem_type", "candidates", "outcome", "complexity", "urgency", "order_nos", "amounts", "phones",
    "timeline", "missing", "signals", "language",
}  # fmt: skip


def answers(*lines: str | bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in understand_lines(lines, RULES, NOW)]


def test_every_field_of_the_contract_is_there() -> None:
    """One document in, one out, with the fields the contract names."""
    (answer,) = answers('{"id": "a", "text": "10月15日14点充值100元没到账", "received_at": "2025-11-01T00:00:00Z"}')
    assert set(answer) >= FIELDS
    assert answer["id"] == "a"
    assert answer["amounts"] == [{"value": "100", "currency": "CNY"}]
    assert answer["timeline"][0]["at"] == "2025-10-15T14:00:00+08:00"


def test_unusable_lines_are_answered_in_their_place() -> None:
    """Bad lines between good ones lose no good one, keep the order, and carry the id where it is known."""
    lines: list[str | bytes] = [
        '{"id": 1, "text": "充值没到账"}', "{", "[1]", '{"id": "x"}', '{"id": "y", "text": 5}', b"\xff\xfe", "",
        '{"id": "z", "text": "a", "received_at": "yesterday"}', "[" * 100_000, '{"id": NaN, "text": "a"}',
        '{"id": "\\ud800", "text": "\\ud800\\u0000退款"}',
    ]  # fmt: skip
    found = answers(*lines)
    assert [answer["id"] for answer in found] == [1, None, None, "x", "y", None, "z", None, None, "?"]
    assert ["error" in answer for answer in found] == [False, True, True, True, True, True, True, True, True, False]
    assert found[-1]["problem_type"] == "refund"


def test_answers_can_be_written_to_any_utf8_stream() -> None:
    """No lone surrogate and no line break gets out."""
    line = json.dumps({"id": ["\ud800"], "text": "昨天\ud800\n买的\u2028没到", "order_no": "\ud800\n1"})
    (answer,) = list(understand_lines([line], RULES, NOW))
    answer.encode()
    assert "\n" not in answer
