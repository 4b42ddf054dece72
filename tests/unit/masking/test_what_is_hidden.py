"""What must never be shown: numbers, accounts, keys and passwords, in every dress they are given."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.masking import find_private, redacted, starred

MOBILE = "13812345678"
DRESSES = {
    "full-width": "０１２３４５６７８９",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "black": "⓿❶❷❸❹❺❻❼❽❾",
    "Arabic": "٠١٢٣٤٥٦٧٨٩",
    "Devanagari": "०१२३४५६७८९",
    "mathematical": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "Chinese": "零一二三四五六七八九",
    "financial": "零壹贰叁肆伍陆柒捌玖",
    "military": "洞幺两三四五六拐八勾",
}
BETWEEN = [
    *[".", "/", "-", "_", ":", ";", "=", "#", "!", "+", "*", "~", "|", ",", "、", "，", "。", "·", "・", "★", "😊"],
    " ",
    "  ",
    " - ",
    "\u200b",
    "\u2800",
    ") (",
]


def members(text: str) -> str:
    return starred(text, find_private(text, strict=True))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("卡密是 ABCD-EFGH-IJKL", "EFGH"),
        ("卡密是 ABCD-EFGH-IJKL", "IJKL"),
        ("cdk:XXYYZZ", "XXYYZZ"),
        ("密码:我爱北京", "我爱北京"),
        ("密码：我爱北京，谢谢", "我爱北京"),
        ("口令是芝麻开门", "芝麻开门"),
        ("密码 a b c d 1 2 3 4", "c d 1 2"),
        ("微信号:abcdefg", "abcdefg"),
        ("qq一二三四五六", "三四五六"),
        ("加扣扣 ８０００５５５６６", "０００５５５"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJNMSJ9.abc-DEF_123", "eyJzdWIi"),
        ("我的护照 E12345678", "12345678"),
        ("护照号 G87654321", "87654321"),
        ("身份证 11010519491231002X", "1949123"),
        ("卡号 6222 0212 3456 7890 128", "0212"),
        ("4111-1111-1111-1111", "1111-1111-1111"),
        ("写给 zhang.san@example.com", "zhang.san"),
        ("call +1 415 555 2671", "555 2671"),
        ("座机 0571-88887777", "88887777"),
        ("my password is hunter2!", "hunter2"),
        ("password=hunter2 user=x", "hunter2"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("postgresql://kefu:s3cret@db/kefu", "s3cret"),
        ("卡密 X7K9Q2M4P8,Y8L0R3N5Q9 都无效", "Y8L0R3N5Q9"),
        ("验证码 839201 告诉他了", "839201"),
        ("密钥=一二三AbC", "三AbC"),
    ],
)
def test_secrets_are_hidden_everywhere(text: str, secret: str) -> None:
    """A secret shows neither in what members are quoted with nor in logs and on the command line."""
    assert secret in text
    assert secret not in members(text)
    assert secret not in redacted(text)


@given(
    st.sampled_from(sorted(DRESSES)),
    st.lists(st.booleans(), min_size=11, max_size=11),
    st.lists(st.sampled_from(["", *BETWEEN]), min_size=10, max_size=10),
    st.sampled_from(["", "电话", "打我 ", "tel:", "我的+86 ", "("]),
)
@example("circled", [False] * 11, ["", "", *"...", "/", *[""] * 4], "")
@example("circled", [False] * 11, ["", "", *"...", ":", *[""] * 4], "我的+86 ")
def test_no_dress_hides_a_mobile_number(dress: str, worn: list[bool], between: list[str], before: str) -> None:
    """However digits are dressed and whatever stands between them, the middle of a mobile number is not shown."""
    digits = [DRESSES[dress][int(digit)] if wears else digit for digit, wears in zip(MOBILE, worn, strict=True)]
    text = before + "".join(digit + gap for digit, gap in zip(digits, [*between, ""], strict=True))
    middle = len(before) + sum(len(digit + gap) for digit, gap in zip(digits[:3], between[:3], strict=True))
    for hide in (members, redacted):
        assert "".join(digits[3:7]) not in "".join(char for char in hide(text) if char.isnumeric()), hide(text)
    assert members(text)[middle] == "*"


@given(
    st.sampled_from(["密码", "口令", "卡密", "激活码", "密钥", "password", "cdk", "token"]),
    st.sampled_from([":", "=", ": ", "：", " = ", ':"']),
    st.text(string.ascii_letters + string.digits + "我爱北京天安门@#$%&*_-+", min_size=4, max_size=30),
    st.sampled_from(["", " 请查", "，谢谢", "。", "\n"]),
)
def test_what_follows_a_label_is_hidden_whole(label: str, link: str, secret: str, after: str) -> None:
    """Behind the name of a secret nothing is readable up to the next blank or the end of the sentence."""
    text = f"我的{label}{link}{secret}{after}"
    for hide in (members, redacted):
        assert secret not in hide(text)
    assert members(text).endswith(after)


@given(st.text())
def test_stars_take_the_place_of_what_they_hide(text: str) -> None:
    """Positions stay, and hiding never fails, whatever the text."""
    assert len(members(text)) == len(text)
    redacted(text)
