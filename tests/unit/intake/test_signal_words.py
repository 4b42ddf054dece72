"""Signals are looked for in words, not in letters: what holds a signal's word without saying it raises nothing."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.intake.understanding.extract.claimed_spans import ClaimedSpan
from services.intake.understanding.moments import SHANGHAI
from services.intake.understanding.rules import in_words
from services.intake.understanding.understand import understand
from tests.shipped import problem_types

RULES = problem_types()
NOW = datetime(2026, 11, 25, 15, 30, tzinfo=SHANGHAI)
TABLE = yaml.safe_load(Path(__file__).with_name("signal_words.yaml").read_text(encoding="utf-8"))


def fired(text: str) -> tuple[str, ...]:
    return understand(text, received_at=NOW, rules=RULES).signals


def test_every_shipped_signal_has_its_words_tried() -> None:
    """A signal without a line in the table is one nobody tried."""
    assert set(TABLE) == set(RULES.signals)


@pytest.mark.parametrize(("signal", "text"), [(name, text) for name, words in TABLE.items() for text in words["says"]])
def test_what_says_it_raises_it(signal: str, text: str) -> None:
    """Recall comes first: edges do not cost a plain cry for help."""
    assert signal in fired(text)


@pytest.mark.parametrize(("signal", "text"), [(name, text) for name, one in TABLE.items() for text in one["does_not"]])
def test_what_only_holds_its_letters_does_not(signal: str, text: str) -> None:
    """Names of banks, games and prices, numbers and other words hold the letters and say nothing."""
    assert signal not in fired(text)


@given(
    st.sampled_from(["订单号", "卡密", "激活码", "QQ", "微信号", "账号", "手机号", "密码是", "流水号", "尾号", "充了"]),
    st.from_regex(r"\A[A-Z]{0,4}[0-9]{0,8}(?:315|12315|12345)[0-9]{2,10}\Z"),
)
def test_no_number_is_a_threat(label: str, number: str) -> None:
    """Whatever digits an order, key or account is made of, nobody threatens with them."""
    assert "legal_threat" not in fired(f"{label}{number},没到账")


def test_a_rule_does_not_look_inside_numbers_and_sums() -> None:
    """Keys and orders are one character to a rule, a sum keeps its length without its digits."""
    claims = [ClaimedSpan("amount", 6, 10), ClaimedSpan("order", 2, 5)]
    assert in_words("订单315充315元", claims) == "订单\x00充000元"


def test_a_long_key_does_not_part_what_belongs_together() -> None:
    """The words before and after a number of any length are as near as if it were one character."""
    found = understand("激活码ABCDE-12345-FGHIJ-67890-KLMNO-13579无效", received_at=NOW, rules=RULES)
    assert found.problem_type == "cardkey_invalid"
