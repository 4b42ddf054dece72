"""What people work with stays readable: orders, sums, moments, ticket numbers, ids, and plain words."""

import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.ticket_numbers import ticket_number
from shared.masking import find_private, redacted, starred

FIRST, LAST = datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2099-12-31")
SENTENCES = ("{} 还没到账", "我{}买的,现在用不了", "在{}的时候提示失败", "请看 {}。")


def members(text: str) -> str:
    return starred(text, find_private(text, strict=True))


def stays(value: str, sentence: str) -> None:
    text = sentence.format(value)
    assert redacted(text) == text
    assert members(text) == text


@given(st.datetimes(FIRST, LAST), st.sampled_from(SENTENCES))
def test_moments_stay(at: datetime, sentence: str) -> None:
    """A moment is readable in every usual way to write it."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d %H:%M", "%Y年%m月%d日%H点%M分", "%m-%d %H:%M"):
        stays(at.strftime(form), sentence)
    stays(at.isoformat(), sentence)
    stays(f"{at:%Y%m%d}", sentence)


@given(st.integers(0, 99_999_999), st.integers(0, 99), st.sampled_from(SENTENCES))
def test_sums_stay(whole: int, cents: int, sentence: str) -> None:
    """A sum of money is readable with its sign or its unit, with and without groups."""
    for form in (f"{whole}元", f"¥{whole}", f"{whole:,}.{cents:02}元", f"￥{whole}.{cents:02}", f"{whole} CNY"):
        stays(form, sentence)


@given(st.integers(1, 9_999_999), st.sampled_from(SENTENCES))
def test_ticket_numbers_stay(sequence: int, sentence: str) -> None:
    """The number of a ticket is readable, which a run of as many digits would not be."""
    stays(ticket_number(sequence, datetime.fromisoformat("2026-10-15T12:00:00+08:00")), sentence)


@given(st.uuids(), st.sampled_from(SENTENCES))
def test_ids_stay(given: object, sentence: str) -> None:
    """What log lines and events are joined by is readable."""
    stays(str(given), sentence)


@given(
    st.from_regex(r"[A-Z]{0,3}2[0-9]{9,20}", fullmatch=True), st.sampled_from(["订单号{}", "单号:{}", "order no. {}"])
)
def test_orders_stay_behind_their_name(number: str, sentence: str) -> None:
    """A number called the number of an order is one, unless it is a telephone number."""
    stays(number, sentence)


@given(st.from_regex(r"[1-9][0-9]{7,23}", fullmatch=True))
def test_orders_that_were_recognised_stay(number: str) -> None:
    """What the caller knows to be needed is left alone, whatever it looks like."""
    text = f"第{number}号"
    kept = [(1, 1 + len(number))]
    assert starred(text, find_private(text, kept=kept, strict=True)) == text


@pytest.mark.parametrize(
    "text",
    [
        "10月15日14点购买A游戏点卡,16点充值时提示卡密已过期",
        "我的密码是什么?密码错误怎么办,密码不对",
        "卡密是无效的,激活码: 已过期",
        "the password is wrong, card key expired",
        "面值 100、200、500、1000 的都没到",
        "第1、2、3步都试了",
        "微信支付了, qq音乐会员",
        "一共三十五个,其中二十个无效",
        "2个号各充了 648 元,14:05-14:30 都失败",
        "support.contact.v1 partition 3 offset 42",
    ],
)
def test_ordinary_sentences_stay(text: str) -> None:
    """Words about passwords and keys are no passwords and keys."""
    assert redacted(text) == text
    assert members(text) == text


@pytest.mark.parametrize("text", ["offset 12345678901", "10.128.135.167:5432", "ce_sequence 123456789012345678"])
def test_logs_keep_their_numbers(text: str) -> None:
    """Offsets, sequences and addresses of hosts are written as they are."""
    assert redacted(text) == text


@pytest.mark.parametrize(
    "part",
    [
        "昨天",
        "1 ",
        "密码:",
        "密码 a ",
        "a1-",
        "1234567",
        "订单号 12",
        "a@",
        "a.b@c.",
        "qq ",
        "1…",
        "1,234,",
        "eyj",
        "100、",
    ],
)
def test_time_grows_with_length_alone(part: str) -> None:
    """Fifty thousand characters of anything take a bounded time, however well they lead a pattern on."""
    text = (part * 50_000)[:50_000]
    began = time.process_time()
    find_private(text, strict=True)
    assert time.process_time() - began < 5
