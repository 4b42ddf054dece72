"""What one text can cost: the work is counted, in calls made and characters read, so that no busy machine decides."""

import sys
from collections.abc import Callable
from datetime import datetime
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.intake.understanding.moments import SHANGHAI, find_moments
from services.intake.understanding.normalise import HEAD, TAIL, normalise
from services.intake.understanding.understand import understand
from shared.contracts.contacts import Step
from tests.shipped import problem_types

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=SHANGHAI)
RULES = problem_types()
LONG = 50_000
MOST_CALLS = 50_000
"""An ordinary contact takes a few hundred."""
MAIL = "订单号202410150001,昨天下午3点充了648元没到账,手机13900000000,激活码ABCD-1234-EFGH-5678,一共付了两百五。\n"
UNITS = [
    f"> {MAIL}", "昨天", "昨天10点", "去年国庆", "1元", "1元1角1分", "一", "订单12345678,", "激活码a1b2c3d4 ",
    "1", "a1", "12 ", "1-", "\n", "> a\n", " ", "-", "-\n", "发件人:", "From:\n", "wrote:\n", "发自我的",
    "「a:」\n--\n", "在此行", "\ufdfa", "没", "付1", "T261123-", "工单号1", "13900138000", "qq12345678,",
    "a@b.cc ", "!", "谢谢", "跳楼价", "转人工。", "上周", "点", "1点", "壹", "密码", "İ", "\u0301", "👍",
    "满1减1",
]  # fmt: skip


def calls_of(work: Callable[[], object]) -> int:
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def calls(text: str) -> int:
    return calls_of(lambda: understand(text, received_at=NOW, rules=RULES))


@pytest.mark.parametrize("unit", UNITS)
def test_repetition_costs_a_bounded_number_of_calls(unit: str) -> None:
    """Fifty thousand characters of one thing, whatever it is, and a hundred thousand cost no more."""
    calls("warm")
    counted = calls((unit * LONG)[:LONG])
    assert counted <= MOST_CALLS
    assert calls((unit * LONG * 2)[: 2 * LONG]) <= counted * 1.2 + 500


@settings(max_examples=60, deadline=None, derandomize=True)
@example(["wrote:\n", "密码"], 0)
@example(["上周", "13900138000"], 0)
@example(["昨天", "13900138000"], 11)
@example(["İ", f"> {MAIL}"], 0)
@example(["qq12345678,", "\u0301"], 0)
@given(st.lists(st.sampled_from(UNITS), min_size=1, max_size=6), st.integers(0, 400))
def test_mixed_repetition_is_bounded_too(units: list[str], shift: int) -> None:
    """No mixture of what costs most costs more; the five dearest of all pairs are tried at every run."""
    text = "".join(units)
    assert calls((text * LONG)[shift : shift + LONG]) <= MOST_CALLS


@given(st.text(max_size=40), st.integers(1, 5_000))
def test_no_more_is_read_than_the_two_ends(text: str, times: int) -> None:
    """However long a text is and however its characters expand, the patterns see this much of it."""
    assert len(normalise(text * times).text) <= HEAD + TAIL + 1


def test_the_last_of_many_moments_is_not_looked_for() -> None:
    """A time line keeps twenty entries; forty are found at most."""
    assert len(find_moments("昨天10点买。" * 500, NOW)) == 40


def test_given_steps_are_counted_and_cut() -> None:
    """A form of a thousand steps of a hundred thousand characters costs what its first twenty short ones cost."""
    steps = [Step(at=NOW, what=MAIL * 100)] * 1_000
    found = understand("没到账", received_at=NOW, rules=RULES, steps=steps)
    assert len(found.timeline) <= 20
    assert calls_of(lambda: understand("没到账", received_at=NOW, rules=RULES, steps=steps)) <= MOST_CALLS
