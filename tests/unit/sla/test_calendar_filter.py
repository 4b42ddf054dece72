"""`kefu calendar -`: lines in, lines out."""

import json
from typing import Any

import pytest

from services.sla.domain.calendar_filter import calendar_lines

OFFICE = {"timezone": "Asia/Shanghai", "weekly": {"mon": [["09:00", "12:00"], ["13:30", "18:00"]]}}
MONDAY = "2026-11-02T11:30:00+08:00"


def answer(**fields: Any) -> dict[str, Any]:
    (line,) = calendar_lines([json.dumps({"id": "q", "calendar": OFFICE, "start": MONDAY} | fields)])
    result: dict[str, Any] = json.loads(line)
    assert result.pop("id") == "q"
    return result


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"target_seconds": 3600}, {"due": "2026-11-02T06:00:00Z"}),
        ({"target_seconds": 0.25}, {"due": "2026-11-02T03:30:00.250000Z"}),
        ({"target_seconds": 3600, "pauses": [["2026-11-02T14:00:00+08:00", None]]}, {"due": "2026-11-02T06:00:00Z"}),
        ({"target_seconds": 3600, "pauses": [[MONDAY, "2026-11-02T14:00:00+08:00"]]}, {"due": "2026-11-02T07:00:00Z"}),
        ({"end": "2026-11-02T06:00:00Z"}, {"elapsed_seconds": 3600}),
        ({"end": "2026-11-02T05:30:00.5Z"}, {"elapsed_seconds": 1800.5}),
        ({"end": MONDAY}, {"elapsed_seconds": 0}),
        ({}, {"open": True, "next_open": "2026-11-02T03:30:00Z"}),
        ({"start": "2026-11-02T12:00:00+08:00"}, {"open": False, "next_open": "2026-11-02T05:30:00Z"}),
        ({"start": "2026-12-31t23:59:60z"}, {"open": False, "next_open": "2027-01-04T01:00:00Z"}),
        ({"target_seconds": None, "end": None, "pauses": None}, {"open": True, "next_open": "2026-11-02T03:30:00Z"}),
    ],
)
def test_a_question_is_answered(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    """A target is answered with its due time, an end with the elapsed seconds, neither with open and next opening."""
    assert answer(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"target_seconds": 0}, "target_seconds"),
        ({"target_seconds": -5}, "target_seconds"),
        ({"target_seconds": "3600"}, "target_seconds"),
        ({"target_seconds": True}, "target_seconds"),
        ({"target_seconds": 1e300}, "target_seconds"),
        ({"target_seconds": 10**400}, "target_seconds"),
        ({"target_seconds": 60, "end": MONDAY}, "target_seconds and end"),
        ({"start": None}, "start"),
        ({"start": "2026-11-02T11:30:00"}, "start"),
        ({"start": "2026-11-02"}, "start"),
        ({"start": "2026-02-30T11:30:00Z"}, "start"),
        ({"start": 1762054200}, "start"),
        ({"start": "0001-01-01T00:00:00+23:00"}, "start"),
        ({"target_seconds": 60, "pauses": [[MONDAY]]}, "pauses.0"),
        ({"target_seconds": 60, "pauses": {"from": MONDAY}}, "pauses"),
        ({"target_seconds": 60, "pauses": [["2026-11-02T12:00:00Z", "2026-11-02T11:00:00Z"]]}, "pauses.0"),
        ({"calendar": None}, "calendar"),
        ({"calendar": {"timezone": "UTC", "weekly": {"mon": [["9", "18:00"]]}}}, "calendar.weekly.mon.0.0"),
    ],
)
def test_an_unusable_question_gets_its_error(fields: dict[str, Any], named: str) -> None:
    """A question that cannot be answered keeps its id and says which field is wrong."""
    assert answer(**fields)["error"].startswith(named)


@pytest.mark.parametrize(
    "line",
    ["", "{", "null", "[]", '"text"', "[" * 100_000, '{"id": NaN}', '{"id": 1e999}', '{"id": ' + "9" * 5000 + "}"],
)
def test_a_line_that_is_no_question_does_not_stop_the_rest(line: str) -> None:
    """Garbage gives one error line in its place, and the next line is answered."""
    good = json.dumps({"id": 2, "calendar": OFFICE, "start": MONDAY})
    first, second = map(json.loads, calendar_lines([line, good]))
    assert first["id"] is None
    assert first["error"]
    assert second == {"id": 2, "open": True, "next_open": "2026-11-02T03:30:00Z"}


def test_an_id_comes_back_as_it_was() -> None:
    """Any JSON value, even a lone surrogate, is carried through as the id."""
    ids = ["一", 7, 1.5, None, {"a": [1]}, "\ud800"]
    lines = [json.dumps({"id": name}) for name in ids]
    assert [json.loads(line)["id"] for line in calendar_lines(lines)] == ids
