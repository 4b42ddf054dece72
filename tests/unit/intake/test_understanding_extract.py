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
        ("km2026112000077", ["KM2026112000077"]),
        ("订单Km202611、kM202612、KM202611", ["KM202611", "KM202612"]),
        ("订单013900138000", []),
        ("工单号T261123-0000012怎么还没人处理", []),
        ("单号t261123-0000012", []),
        ("工单 88120391", []),
        ("ticket #55120983", []),
        ("订单号T26112300000012", ["T26112300000012"]),
        ("手机号13900000000充值", []),
        ("QQ 123456789 没到", []),
        ("卡密1234567890123456无效", []),
        ("一共100000000元", []),
    ],
)
def test_order_numbers_are_found_and_nothing_else_is_taken_for_one(text: str, expected: list[str]) -> None:
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
        ("被骗了13万2", [("132000", "CNY")]),
        ("亏了1万5千", [("15000", "CNY")]),
        ("转了1万2000元", [("12000", "CNY")]),
        ("转了3千5", [("3500", "CNY")]),
        ("赔我十三万二", [("132000", "CNY")]),
        ("充了两千三没到", [("2300", "CNY")]),
        ("一共转了十万零五百元", [("100500", "CNY")]),
        ("退我伍仟元整", [("5000", "CNY")]),
        ("人民币壹万贰仟叁佰元整", [("12300", "CNY")]),
        ("扣了两千两百二十五块", [("2225", "CNY")]),
        ("扣了123元1角1分", [("123.11", "CNY")]),
        ("扣了5元5分", [("5.05", "CNY")]),
        ("扣了3块2毛5", [("3.25", "CNY")]),
        ("两块五毛", [("2.5", "CNY")]),
        ("一百零五块五", [("105.5", "CNY")]),
        ("九毛九", [("0.99", "CNY")]),
        ("冰山一角", []),
        ("价值2000余元", [("2000", "CNY")]),
        ("骗了我三千多", [("3000", "CNY")]),
        ("转了1.2w", [("12000", "CNY")]),
        ("花了2w5", [("25000", "CNY")]),
        ("付了人民币648元", [("648", "CNY")]),
        ("CNY 648", [("648", "CNY")]),
        ("转了50USDT", [("50", "USDT")]),
        ("扣了50美元", [("50", "USD")]),
        ("50-100元的卡", [("50", "CNY"), ("100", "CNY")]),
        ("50到100块", [("50", "CNY"), ("100", "CNY")]),
        ("充了1000点券没到", []),
        ("充了500Q币没到", []),
        ("充了6480结晶", []),
        ("充了1000钻石和500金币", []),
        ("充了100元宝", []),
        ("充了10G流量", []),
        ("扣了3张卡", []),
    ],
)
def test_sums_are_exact_decimals_with_a_currency(text: str, expected: list[tuple[str, str]]) -> None:
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
        ("订单号13900000000", ["+8613900000000"]),
        ("请打013900138000", ["+8613900138000"]),
        ("订单手机号13900138000没到账", ["+8613900138000"]),
        ("话费订单充值号码13900138000没到", ["+8613900138000"]),
        ("单号是 139 0013 8000", ["+8613900138000"]),
        ("tel13900138000", ["+8613900138000"]),
        ("(+86)13900138000", ["+8613900138000"]),
        ("008613900138000", ["+8613900138000"]),
        ("我的手机号19147005807,绑定不了", ["+8619147005807"]),
        ("订单号4001234567", []),
        ("订单客服电话400-123-4567打不通", ["+864001234567"]),
        ("订单号139001380001", []),
    ],
)
def test_phones_come_out_in_e164(text: str, expected: list[str]) -> None:
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
def test_colloquial_numbers_drop_their_last_unit(text: str, value: int) -> None:
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
def test_what_may_be_shown_holds_nothing_private(text: str, secret: str) -> None:
    """What may be shown holds no phone number, account, card key or password in full."""
    assert secret in normalise(text).text
    assert secret not in masked(text)


def test_order_numbers_and_dates_stay_readable() -> None:
    """Masking leaves alone what an agent needs: order numbers, dates, amounts."""
    text = "订单202410150001,2026-10-15 14:00付了100元"
    assert masked(text) == text
