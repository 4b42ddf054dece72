"""Facts in a text: what is found, what is claimed by whom, and what is never shown."""

from decimal import Decimal

import pytest

from services.intake.understanding.extract import extract
from services.intake.understanding.mask import masked
from services.intake.understanding.normalise import normalise
from services.intake.understanding.numerals import numeral


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("订单号:202410150001 没到账", ["202410150001"]),
        ("訂單編號 KF-88120391", ["KF-88120391"]),
        ("单号 20241015 那个", ["20241015"]),
        ("订单A202410150001、A202410150002和A202410150003", ["A202410150001", "A202410150002", "A202410150003"]),
        ("2024 1015 0001 2345 这单", ["2024101500012345"]),
        ("order #55120983 never came", ["55120983"]),
        ("订单号2024 帮我查", ["2024"]),
        ("20241015 那天买的", []),
        ("订单尾号1234", []),
        ("手机号13900000000充值", []),
        ("QQ 123456789 没到", []),
        ("卡密1234567890123456无效", []),
        ("一共100000000元", []),
    ],
)
def test_order_numbers(text: str, expected: list[str]) -> None:
    """Order numbers are found, labelled or long, and nothing else is taken for one."""
    assert list(extract(normalise(text)).order_nos) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("¥1,280.50", [("1280.50", "CNY")]),
        ("花了两百五", [("250", "CNY")]),
        ("99块9", [("99.9", "CNY")]),
        ("三块半", [("3.5", "CNY")]),
        ("1.5万元", [("15000", "CNY")]),
        ("转了3k", [("3000", "CNY")]),
        ("充了648没到", [("648", "CNY")]),
        ("收了我一千二百块钱", [("1200", "CNY")]),
        ("$50 gift card", [("50", "USD")]),
        ("付了¥100", [("100", "CNY")]),
        ("满100减20的券", []),
        ("一块玩吧", []),
        ("充值16点没到", []),
        ("再不处理就打12315", []),
        ("付了2份,买了3张", []),
    ],
)
def test_amounts(text: str, expected: list[tuple[str, str]]) -> None:
    """Sums of money are exact decimals with a currency; counts, hours and promotion terms are not money."""
    found = [(amount.value, amount.currency) for amount in extract(normalise(text)).amounts]
    assert found == [(Decimal(value), currency) for value, currency in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的手机 139 0000 0000", ["+8613900000000"]),
        ("+86-13900000000", ["+8613900000000"]),
        ("电话010-12345678", ["+861012345678"]),
        ("400-123-4567说是官方", ["+864001234567"]),
        ("call me +1 415 555 2671", ["+14155552671"]),
        ("１３９００００００００", ["+8613900000000"]),
        ("订单号13900000000", []),
    ],
)
def test_phones(text: str, expected: list[str]) -> None:
    """Phone numbers come out in E.164, however they were spaced."""
    assert list(extract(normalise(text)).phones) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两百五", 250),
        ("两百零五", 205),
        ("一千二", 1200),
        ("一万五", 15000),
        ("十五", 15),
        ("二十", 20),
        ("三百二十一", 321),
    ],
)
def test_numerals(text: str, value: int) -> None:
    """Colloquial numbers drop their last unit."""
    assert numeral(text) == value


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("卡号1234567890 密码abc123!@#", "abc123"),
        ("卡号1234567890 密码abc123!@#", "1234567890"),
        ("激活码:ABCD-EFGH-1234-5678", "ABCD-EFGH"),
        ("ABCDE-12FGH-34IJK-56LMN 用不了", "12FGH"),
        ("卡密 X7K9Q2M4P8,Y8L0R3N5Q9 都无效", "Y8L0R3N5Q9"),
        ("卡密是1234 5678 9012 3456", "9012"),
        ("验证码 839201 告诉他了", "839201"),
        ("手机13900000000", "13900000000"),
        ("一三九零零零零一二三四", "零零零一二三四"),
        ("微信号 wx_abc12345", "abc12345"),
        ("mail zhang.san@example.com", "zhang.san@example.com"),
        ("身份证11010519491231002X", "11010519491231002"),
        ("my password is hunter2!", "hunter2"),
        ("7F3K9Q2M4P8X 无效", "9Q2M4P8X"),
    ],
)
def test_masked(text: str, secret: str) -> None:
    """What may be shown holds no phone number, account, card key or password in full."""
    assert secret in normalise(text).text
    assert secret not in masked(text)


def test_order_numbers_and_dates_stay_readable() -> None:
    """Masking leaves alone what an agent needs: order numbers, dates, amounts."""
    text = "订单202410150001,2026-10-15 14:00付了100元"
    assert masked(text) == text
