"""What may not leave the house, in the spellings fraudsters use, and what may."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.notify.domain.firewall import scan
from services.notify.domain.rendering import render
from services.notify.domain.ticket import NoticeKind
from services.notify.domain.wording import is_worded
from tests.unit.notify.samples import MEMBER, NOW, POLICY, TICKET

EVASIONS = [
    ("请拨打13800138000", "digits"),
    ("请拨打138-0013-8000", "digits"),
    ("请拨打1 3 8 0 0 1 3 8 0 0 0", "digits"),
    ("请拨打１３８００１３８０００", "digits"),
    ("请拨打①③⑧⓪⓪①③⑧⓪⓪⓪", "digits"),
    ("请拨打❶❸❽❶❶❶❸❽❶❶❶", "digits"),
    ("请拨打一三八零零一三八零零零", "digits"),
    ("请拨打幺三八洞洞幺三八洞洞洞", "digits"),
    ("请拨打壹叁捌零零壹叁捌零零零", "digits"),
    ("请拨打1三8零0一3八0零0", "digits"),
    ("请拨打l38OOl38OOO", "digits"),
    ("请拨打138\u200b0013\u200b8000", "digits"),
    ("请拨打1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e3", "digits"),
    ("请拨打𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", "digits"),
    ("请拨打١٣٨٠٠١٣٨٠٠٠", "digits"),
    ("请拨打(138)0013.8000", "digits"),
    ("请拨打95588", "digits"),
    ("请拨打10086", "digits"),
    ("群号 8、8、6、6、1、2", "digits"),
    ("打开https://evil.example", "address"),
    ("打开evil.cn查看", "address"),
    ("打开www。evil。com", "address"),
    ("打开evil点com", "address"),
    ("打开evil[.]com", "address"),
    ("打开evil dot com", "address"),
    ("打开evil . com", "address"),
    ("打开ｅｖｉｌ．ｃｏｍ", "address"),
    ("打开hxxp evil", "address"),
    ("打开t.cn/AbCd", "address"),
    ("打开evil.cn,马上", "address"),
    ("打开evil.cn，马上", "address"),
    ("打开客服.中国", "address"),
    ("打开10.0.0.1", "address"),
    ("写信给kf@evil.example", "address"),
    ("写信给kf ＠ evil", "address"),
    ("请加V联系", "messenger"),
    ("请加 v 联系", "messenger"),
    ("请➕我", "messenger"),
    ("请加薇", "messenger"),
    ("薇信同号", "messenger"),
    ("微 信 联系", "messenger"),
    ("微\u200b信联系", "messenger"),
    ("V信联系", "messenger"),
    ("vx联系", "messenger"),
    ("Ｖ Ｘ 联系", "messenger"),
    ("扣扣联系", "messenger"),
    ("Q Q联系", "messenger"),
    ("加群领取", "messenger"),
    ("q裙领取", "messenger"),
    ("WeChat us", "messenger"),
    ("Telegram: help", "messenger"),
    ("请联系аdmin", "script"),
    ("请联系Ωmega", "script"),
]

DISGUISES = (Path(__file__).parent / "disguises.txt").read_text(encoding="utf-8").splitlines()
"""Separators of any kind, digits and letters in other clothes, words that sound like digits, names of messengers."""

HELD_BY_THE_WORDING = [
    "找威幸号卡汇",
    "搜公重号卡汇",
    "某宝店铺卡汇官方",
    "打给上次那个号码",
    "hit me up on the blue bird",
    "13 then 80 then 01 then 38",
]
"""What this line lets through, since no list of bad words is ever complete. None of it is a template's text."""

HARMLESS = [
    "您的工单已受理,请自行打开App或手动输入官网,登录后查看。",
    "您的工单有3条新回复。",
    "预计2小时内处理,请于18:00前查看。",
    "第一,登录;第二,查看。",
    "一二线城市同步处理。",
    "客服会在三五分钟内回复。",
    "微量差异不影响结果。",
    "We have received your ticket. Open the app yourself. Log in.",
    "Call the official hotline online; vex not.",
    "The antidote is patience.",
    "如有异议,请点开后申诉。",
    "进度已更新:待补充信息(1/3)。",
]


@pytest.mark.parametrize(("text", "kind"), EVASIONS)
def test_a_disguised_address_does_not_leave(text: str, kind: str) -> None:
    """However a number, address or messenger is disguised, it does not leave."""
    assert kind in {finding.kind for finding in scan(text)}


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_words_about_a_ticket_go_out(text: str) -> None:
    """Plain words about a ticket go out."""
    assert scan(text) == ()


@pytest.mark.parametrize("text", DISGUISES)
def test_whatever_is_put_between_them_digits_are_found(text: str) -> None:
    """Whatever is put between the digits or letters, and whatever they are dressed as, they are found."""
    assert scan(f"请联系{text}")


@pytest.mark.parametrize("text", HELD_BY_THE_WORDING)
def test_what_this_line_does_not_see(text: str) -> None:
    """What gets past the second line, known by example here, is stopped by the first: it is no template's text."""
    assert scan(text) == ()
    rendered = render(
        kind=NoticeKind.OPENED,
        channel="sms",
        ticket=TICKET,
        member=MEMBER,
        catalogue=POLICY.catalogues.of(None),
        directory=POLICY.directory,
        now=NOW,
    )
    forged = replace(rendered.worded, text=rendered.text + text)
    assert not is_worded(forged, NoticeKind.OPENED, "sms", POLICY.catalogues.of(None), POLICY.directory)


@pytest.mark.parametrize(
    ("span", "behind"),
    [
        *[
            ("https://kefu.example.com/official", one)
            for one in (".evil", "/../evil", "@evil", "?x", "#x", "%2e", "\u200b.e")
        ],
        *[("support@kefu.example.com", one) for one in (".cn", "@evil", "-x.cn")],
        *[
            ("400-555-0100", one)
            for one in ("①", "零", " 转 9527 再拨 1234", "#9527", ",,9527", "\u200b1", "-1", "ext9", "⑧")
        ],
    ],
)
def test_allowed_spans_do_not_go_on(span: str, behind: str) -> None:
    """A span with more of its kind behind it, also when only folding shows it, is somebody else's."""
    assert scan(f"官方{span}{behind}", (span,))


@pytest.mark.parametrize("before", ["evil.", "x@", "1", "①", "零", "\u200b1", "https://evil/", "user:"])
def test_allowed_spans_do_not_begin_before(before: str) -> None:
    """The same in front of it."""
    assert scan(f"官方{before}400-555-0100", ("400-555-0100",))


def test_nobody_brings_a_wall() -> None:
    """The sign that keeps the sides of a span apart keeps nothing apart in a text."""
    assert scan("请拨打138␟0013␟8000")


def test_only_what_a_slot_produced_passes() -> None:
    """What a slot produced passes, and only that."""
    text = "工单T261122-0000424已受理。官方热线400-555-0100。"
    assert scan(text, ("T261122-0000424", "400-555-0100")) == ()
    assert [finding.kind for finding in scan(text, ("400-555-0100",))] == ["digits"]


@pytest.mark.parametrize(
    "around", ["8400-555-0100", "400-555-01009", "400-555-0100-99999", "400-555-0100 转 13800138000"]
)
def test_allowed_spans_stand_alone(around: str) -> None:
    """An official number with further digits beside it is another number, and is stopped."""
    assert scan(f"官方热线{around}", ("400-555-0100",))
