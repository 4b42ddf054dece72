"""What a log line may hold of people: nothing."""

import json
from typing import Any

import pytest

from shared.telemetry.logging import hide_personal_data

CLEAR = ("13900000000", "zhang.san@example.com", "我爱北京", "s3cret")


@pytest.mark.parametrize(
    "fields",
    [
        {"error": "电话13900000000打不通"},
        {"reason": "zhang.san@example.com 写来"},
        {"record": {"value": {"deep": ["电话13900000000"]}}},
        {"members": [{"name": "x", "phone": 13900000000}]},
        {"number": 13900000000},
        {"error": ValueError("密码:我爱北京")},
        {"where": ("postgresql://kefu:s3cret@db/kefu",)},
        {"event": "cannot connect to postgresql://kefu:s3cret@db/kefu for 13900000000"},
        {"by": {"13900000000": 1}},
        {"customer_email": "s3cret"},
        {"raw": "密码:我爱北京".encode()},
    ],
)
def test_nothing_personal_is_logged(fields: dict[str, Any]) -> None:
    """Neither a text nor a number nor a document of any depth carries personal data into a log."""
    line = json.dumps(hide_personal_data(None, "info", dict(fields)), ensure_ascii=False, default=str)
    assert not [clear for clear in CLEAR if clear in line]


def test_what_operators_need_is_logged() -> None:
    """Ids, offsets, counts and moments are written as they are."""
    line = {
        "event": "batch.retry",
        "timestamp": "2026-11-28T16:00:49.123456Z",
        "offset": 12345678,
        "ticket_id": "019ad2a4-1111-7000-8000-1234567890ab",
        "lag": 3.5,
        "ready": True,
        "lacking": ["intake/0007_pre_data.sql"],
    }
    assert hide_personal_data(None, "info", dict(line)) == line
