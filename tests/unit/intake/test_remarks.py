"""Greetings, courtesies and machine notes ask nobody for anything; everything else is a matter."""

from datetime import datetime

import pytest

from services.intake.understanding.moments import SHANGHAI
from services.intake.understanding.understand import Understanding, understand
from shared.contracts.contacts import Step
from shared.contracts.vocabulary import Remark, Urgency
from tests.shipped import problem_types

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=SHANGHAI)
RULES = problem_types()


def read(text: str | None, subject: str | None = None) -> Understanding:
    return understand(text, subject=subject, received_at=NOW, rules=RULES)


COURTESIES = """\
收到了,谢谢 | 好的,谢谢 | 好的谢谢 | 到账了 | 已经到账了,谢谢 | 点券到账了,谢谢客服 | thanks, got it | OK
ok thanks | 嗯嗯,好的 | 辛苦了 | 没问题 | 好了,可以用了,谢谢 | 👍 | 好的👌 | [握手] | 谢谢你的帮助 | 非常感谢!
收到 | 知道了 | 明白了,多谢 | 激活码收到了,感谢 | 钱退回来了 | 话费到账了 | 谢谢您的耐心解答 | 已解决,谢谢
麻烦你了 | 好的 我再试试 | Thank you so much! | It works now, thanks | The code has arrived, thank you
Great, thanks for your help | 好的,祝您工作愉快 | 謝謝,收到了 | 现在可以登录了,谢谢 | 你好,收到了,谢谢
恢复正常了 | 好滴 | 感谢🙏 | 服务很好,点赞 | 昨天到账了 | got it | thx | 终于到了,谢谢"""
GREETINGS = """\
你好 | 你好,在吗 | 您好! | 在吗? | 在么 | hi | Hello | hello, anyone there? | 有人吗 | 客服在吗 | 亲,在不在
早上好 | 请问 | 想咨询一下 | 你好,我想问一下 | [图片] | 如图 | 哈喽 | 老板 | 亲 | 您好,有个问题想咨询一下
hi there | 在?"""
MATTERS = """\
收到了吗 | 好的,但是还没到 | 谢谢,请尽快 | 没收到 | 没有收到,谢谢 | 好了没 | 到账了吗? | 好的,订单KM202611200001
收到了两张,还差一张,谢谢 | 谢谢你们的不作为 | 转人工 | 在吗,充值没到账 | 你好,激活码无效
ok but it is still missing | thanks for nothing, refund me | 可以退吗 | 可以 | 行 | 同意退款 | 还没到 | 不好
到现在还没到 | 怎么充值 | 1234 | 嗡嗡 | 好的,我要投诉 | 好评返现怎么没给 | 没问题才怪 | 收到了一个错的
到了但是打不开 | hi, my code is invalid | 138 | 账号被盗了 | help me, I was hacked | 不用谢,没到"""
MACHINES = [
    ("自动回复:您的工单已受理", "您好,我最近正在休假中,无法亲自回复您的邮件。我将在假期结束后,尽快给您回复。"),
    ("自动回复: 订单", "已收到"),
    ("自動回覆: 工單", "我不在辦公室"),
    ("Automatic reply: your ticket", "I am out of the office until Monday. For urgent matters call +86 139 0000 0000."),
    ("Out of Office: Re: ticket", "Urgent? Call my lawyer."),
    (None, "您好，我现在有事不在，一会再和您联系。"),
    (None, "[自动回复]您好,我现在不在电脑旁,请尽快电话联系"),
    (None, "您的来信已收到,我会尽快回复。"),
    (None, "这是一封自动回复邮件,来信已收悉,会尽快处理"),
    (None, "我正在出差,有急事请打电话,回来后会第一时间联系您"),
    ("Re: ticket", "Hello, I'm currently out of office with limited access to email. I will get back to you asap."),
    ("Re: ticket", "I am on annual leave until 1 December and will get back to you immediately after."),
    ("已读: 您的工单", "您发送给 张三 的邮件已于 2026/11/20 15:12 被阅读"),
    ("Read: ticket", "Your message was read on Friday"),
    ("系统退信", "投递失败:收件人不存在"),
    ("Undeliverable: ticket", "The mail could not be delivered to 13900000000@example.com"),
    ("Delivery Status Notification (Failure)", "not delivered"),
]
NO_MACHINES = [
    (None, "别给我自动回复,激活码无效"),
    (None, "你们的自动回复没用,要人工"),
    (None, "你们不能及时回复邮件吗,充值没到账"),
    (None, "我正在出差,充值没到账,请尽快处理并回复"),
    (None, "邮件已收到,但是激活码无效"),
    (None, "我在休假,点券没到,急用"),
    (None, "I am on vacation and my code is invalid"),
    (None, "Is this an automated reply? I want a person"),
    ("Office激活码无效", "office can't be activated"),
    (None, "自动发货的激活码没收到"),
]


def split(table: str) -> list[str]:
    return [cell.strip() for line in table.splitlines() for cell in line.split("|")]


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        *((text, Remark.COURTESY) for text in split(COURTESIES)),
        *((text, Remark.GREETING) for text in split(GREETINGS)),
        *((text, Remark.MATTER) for text in split(MATTERS)),
    ],
)
def test_hello_and_thank_you_are_told_from_matters(text: str, remark: Remark) -> None:
    """A text made of nothing but courtesies is one; a single word that asks or objects makes it a matter."""
    assert read(text).remark == remark


@pytest.mark.parametrize(("subject", "text"), MACHINES)
def test_a_machines_note_says_nothing(subject: str | None, text: str) -> None:
    """Nobody asked for anything: no type, no urgency, no signal, and the numbers in it are nobody's."""
    found = read(text, subject)
    assert (found.remark, found.problem_type, found.urgency) == (Remark.AUTOMATIC, "other", Urgency.NORMAL)
    assert (found.signals, found.phones, found.order_nos, found.timeline) == ((), (), (), ())


@pytest.mark.parametrize(("subject", "text"), NO_MACHINES)
def test_who_speaks_of_machines_is_none(subject: str | None, text: str) -> None:
    """A member on holiday, or one who has had enough of automatic answers, has a matter."""
    assert read(text, subject).remark == Remark.MATTER


def test_what_asks_for_nothing_has_no_type_and_no_urgency() -> None:
    """Thanks that name the goods are not about them, and say why in the reasons."""
    found = read("点券到账了,谢谢")
    assert (found.problem_type, found.urgency, found.signals) == ("other", Urgency.NORMAL, ())
    assert "remark:courtesy" in found.reasons


@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_contact_without_words_waits_like_a_greeting(text: str | None) -> None:
    """A picture comes before its matter; with the facts of a form beside it it is the matter."""
    assert read(text).remark == Remark.GREETING
    with_order = understand(text, received_at=NOW, rules=RULES, order_no="KM1")
    with_steps = understand(text, received_at=NOW, rules=RULES, steps=[Step(at=NOW, what="输入激活码")])
    assert with_order.remark == with_steps.remark == Remark.MATTER
