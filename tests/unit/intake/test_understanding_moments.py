"""Moments and the time line they make."""

from datetime import datetime, timedelta

import pytest

from services.intake.understanding.moments import SHANGHAI, find_moments

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10月15日14点", ["10-15 14:00"]),
        ("十月十五日下午三点半", ["10-15 15:30"]),
        ("10.15 14:00", ["10-15 14:00"]),
        ("2026/10/15 14:05:09", ["10-15 14:05"]),
        ("2026-10-1514:05", ["10-15 14:05"]),
        ("2026-10-15t06:00:00z", ["10-15 14:00"]),
        ("20261015买的", ["10-15 00:00~"]),
        ("昨天下午2点买的,4点没到", ["11-21 14:00", "11-21 16:00"]),
        ("昨晚11点买的,1点还没到", ["11-21 23:00", "11-22 01:00"]),
        ("昨晚2点", ["11-22 02:00"]),
        ("晚上12点", ["11-22 00:00"]),
        ("23:15付的", ["11-21 23:15"]),
        ("中午12点半", ["11-22 12:30"]),
        ("前天早上", ["11-20 08:00~"]),
        ("大前天", ["11-19 00:00~"]),
        ("半小时前", ["11-22 16:00~"]),
        ("两个半小时前", ["11-22 14:00~"]),
        ("3天前", ["11-19 16:30~"]),
        ("2 hours ago", ["11-22 14:30~"]),
        ("oct 15 at 2pm", ["10-15 14:00"]),
        ("上周三10点", ["11-11 10:00"]),
        ("周五", ["11-20 00:00~"]),
        ("25号", ["10-25 00:00~"]),
        ("上个月3号", ["10-03 00:00~"]),
        ("大概3点左右充的", ["11-22 15:00~"]),
        ("下午2点3刻充的", ["11-22 14:45"]),
        ("昨晚八点二刻", ["11-21 20:30"]),
        ("半夜十二点过五分付的", ["11-22 00:05"]),
        ("早上七点过一刻", ["11-22 07:15"]),
        ("早上八点过08分", ["11-22 08:08"]),
        ("早上八点过十分钟还没到", ["11-22 08:00"]),
        ("有两点建议,快一点", []),
        ("100点卡,3小时,10点券", []),
        ("13月45日99点", []),
    ],
)
def test_moments_lie_in_the_past_and_inherit_their_date(text: str, expected: list[str]) -> None:
    """The past is preferred, a bare hour inherits the last date, and vague words are marked approximate."""
    found = [f"{one.at:%m-%d %H:%M}{'~' if one.approx else ''}" for one in find_moments(text, NOW)]
    assert found == expected


def test_a_date_ahead_belongs_to_last_year() -> None:
    """A member tells what has happened: in January, 12月25日 was last year."""
    (found,) = find_moments("12月25日10点买的", datetime(2027, 1, 3, tzinfo=SHANGHAI))
    assert found.at == datetime(2026, 12, 25, 10, tzinfo=SHANGHAI)


def test_a_deadline_may_lie_ahead() -> None:
    """A date something expires on stays in the future."""
    (found,) = find_moments("12月25日到期", NOW)
    assert found.at.year == 2026


def test_moments_carry_the_offset_of_shanghai() -> None:
    """Whatever zone the contact was received in, moments are on the platform's clock."""
    (found,) = find_moments("14点", datetime.fromisoformat("2026-11-22T08:30:00+00:00"))
    assert found.at.utcoffset() == timedelta(hours=8)
