"""The member's own words: what mail programs quote and add is taken away, and nothing that a member wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.understanding.own_words import own_words

HOUSE = "您好,您投诉的订单KM202611190001充值未到账,我们已在处理,请尽快提供验证码。"

QUOTED = {
    "QQ mail": '------------------ 原始邮件 ------------------\n发件人: "客服" <help@example.com>;\n'
    '发送时间: 2026年11月20日(星期五) 下午3:12\n收件人: "我" <me@example.com>;\n主题: 回复: 我要投诉!!!\n\n' + HOUSE,
    "QQ mail, full-width": "------------------&nbsp;原始邮件&nbsp;------------------\n发件人：客服\n发送时间：昨天\n\n"
    + HOUSE,
    "163": 'At 2026-11-20 15:12:00, "客服" <help@example.com> wrote:\n\n' + HOUSE,
    "163, Chinese": '在 2026-11-20 15:12:00，"客服" <help@example.com> 写道：\n\n' + HOUSE,
    "Mail Master": "---- 回复的原邮件 ----\n| 发件人 | 客服<help@example.com> |\n| 日期 | 2026年11月20日 15:12 |\n"
    + HOUSE,
    "Outlook": "________________________________\n发件人: 客服 <help@example.com>\n发送时间: 2026年11月20日 15:12\n"
    "收件人: 张三\n主题: 您的激活码无效问题\n\n" + HOUSE,
    "Outlook, no line": "发件人: 客服 [mailto:help@example.com]\n发送时间: 2026年11月20日\n\n" + HOUSE,
    "Outlook, English": "From: Support <help@example.com>\nSent: Friday, November 20, 2026\nTo: me\n\n" + HOUSE,
    "Outlook, bold": "*From:* Support\n*Sent:* Friday\n*To:* me\n\n" + HOUSE,
    "Original Message": "-----Original Message-----\nFrom: Support\nSent: Friday\n\n" + HOUSE,
    "Foxmail": "\n\n发件人： 客服\n发送时间： 2026-11-20 15:12\n收件人： 张三\n主题： 回复\n" + HOUSE,
    "date first": "Date: Fri, 20 Nov 2026 15:12:00 +0800\nFrom: help@example.com\nTo: me\n\n" + HOUSE,
    "Gmail": "On Fri, Nov 20, 2026 at 3:12 PM Support <help@example.com> wrote:\n\n> " + HOUSE,
    "Gmail, wrapped": "On Fri, Nov 20, 2026 at 3:12 PM Customer Support Team\n<help@example.com> wrote:\n\n> " + HOUSE,
    "Gmail, Chinese": "客服 <help@example.com> 于2026年11月20日周五 15:12写道：\n\n> " + HOUSE,
    "Apple Mail": "> 在 2026年11月20日，15:12，客服 <help@example.com> 写道：\n> \n> " + HOUSE,
    "traditional": "-------- 原始郵件 --------\n寄件者: 客服\n主旨: 回覆\n\n" + HOUSE,
    "bare": "> " + HOUSE + "\n>> 我要投诉\n＞ 垃圾",
    "one line": "发件人: 客服 <help@example.com> 发送时间: 2026年11月20日 15:12 收件人: 我 主题: 回复 " + HOUSE,
    "ticket history": "====== 历史沟通记录 ======\n客服小王: " + HOUSE,
    "reply above": "##- 请在此行上方回复 -##\n" + HOUSE,
    "reply above, English": "##- Please type your reply above this line -##\n" + HOUSE,
}
ADDED = [
    "发自我的iPhone",
    "发自我的华为手机",
    "来自我的Xiaomi手机",
    "Sent from my iPhone",
    "Sent from Mail for Windows",
    "Get Outlook for iOS",
    "签名由 网易邮箱大师 定制",
    "从我的手机发送",
    "发送自 Windows 10 版邮件应用",
    "--\n张三\n某某律师事务所\n电话 010-12345678",
    "本邮件及其附件含有保密信息,未经授权使用将追究法律责任。",
    "免责声明:本邮件内容仅供参考,如有争议由法院裁决",
    "CONFIDENTIALITY NOTICE: contact our lawyer",
    "This e-mail and any attachments are confidential. Unauthorised use is subject to legal action.",
    "-----------------",
]
OWN = [
    "收到了,谢谢",
    "麻烦开一下发票",
    "还是没到账\n\n昨天又充了一次",
    "激活码无效 -- 输了三遍",
    "no, it is still missing",
]


@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize("layout", QUOTED)
def test_quoted_history_is_not_the_members(layout: str, own: str) -> None:
    """Whatever a mail program quotes below, only what stands above is new."""
    assert own_words(None, f"{own}\n\n{QUOTED[layout]}").text == own
    assert own_words(None, f"{own}\r\n\r\n{QUOTED[layout]}".replace("\n", "\r\n")).text == own


@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize("added", ADDED)
def test_what_programs_and_lawyers_add_is_not_the_members(added: str, own: str) -> None:
    """Signatures, devices and small print are nobody's matter, also with history below them."""
    assert own_words(None, f"{own}\n\n{added}").text == own
    assert own_words(None, f"{own}\n\n{added}\n\n{QUOTED['QQ mail']}").text == own


@pytest.mark.parametrize(
    "quote",
    [
        "「客服小王：您的账号被盗了,请尽快修改密码」\n- - - - - - - - - - - - - - -\n",
        "「客服小王：第一行\n第二行「里面」\n第三行」\n—————————\n",
        "这是一条引用/回复消息：\n客服小王：您的账号被盗了\n------\n",
    ],
)
def test_what_a_chat_quotes_is_not_the_members(quote: str) -> None:
    """WeChat and WeCom put the quoted message above the answer."""
    assert own_words(None, f"{quote}好的谢谢").text == "好的谢谢"


def test_answers_between_quoted_lines_are_the_members() -> None:
    """Who answers point by point writes below the attribution."""
    text = "On Nov 20, 2026, Support wrote:\n> 订单号是多少?\nKM202611200001\n> 什么时候买的?\n昨天"
    assert own_words(None, text).text == "KM202611200001\n昨天"


@pytest.mark.parametrize(
    "text",
    [
        "客服昨天写道：请换一张卡",
        "客服2026年11月20日写道：请换一张卡,换了还是不行",
        "On 2026-11-20, I paid and he wrote:\nstill not here",
        "发件人: 我填的是对的",
        "收件人:张三,手机没收到码",
        "来自我的手机号的短信说没到账",
        "来自微信的好友让我转账",
        "I saw 50 coins sent from my phone to a stranger",
        ">_< 怎么还没到",
        "> 激活码无效",
        "「王者荣耀」点券没到",
        "「王者荣耀」\n---\n点券没到",
        "你们的免责声明写着不退",
        "这封邮件的附件是截图",
        "- 没到账\n- 没人回",
        "时间: 昨天\n主题: 充值没到账",
        "5 > 3 个月卡没到\n少了2个",
    ],
)
def test_what_a_member_writes_stays(text: str) -> None:
    """A colon, a bracket or a word of a mail header does not make a quotation."""
    assert (
        own_words(None, text).text.split() == text.replace("\n---\n", "\n").split()
        or own_words(None, text).text == text
    )


def test_the_subject_of_an_answer_is_not_new() -> None:
    """It is that of the mail answered; a subject of the member's own is read, and so is that of a mail passed on."""
    assert own_words("回复: 我要投诉", "收到了,谢谢").subject is None
    assert own_words("Re: Re: refund", f"thanks\n{QUOTED['Gmail']}").subject is None
    assert own_words("充值没到账", "如题").subject == "充值没到账"
    assert own_words("回复: 充值没到账", "").subject == "回复: 充值没到账"


def test_a_mail_that_is_only_passed_on_is_read() -> None:
    """Who forwards a fraudster's mail without a word says something by it; who answers without a word does not."""
    passed_on = own_words("转发: 中奖通知", QUOTED["Outlook"])
    assert "验证码" in passed_on.text
    assert own_words("回复: 您的工单", QUOTED["QQ mail"]).text == ""


@given(st.text(alphabet=st.sampled_from("> \n\r-_=发件人:From收主题To写道wrote「」引用@2026年 a没"), max_size=300))
def test_no_text_breaks_it_and_nothing_is_made_up(text: str) -> None:
    """Whatever is sent, what is left was there."""
    own = own_words(text, text).text
    assert len(own) <= len(text)
    assert all(line.strip() in text.replace("\r", "\n") for line in own.split("\n"))
