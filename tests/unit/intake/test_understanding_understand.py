"""From a text to an understanding: the decision, what forces a person, what is missing, what outranks what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.understanding.decide import Voter
from services.intake.understanding.moments import SHANGHAI
from services.intake.understanding.normalise import HEAD, TAIL, Normalised, normalise
from services.intake.understanding.summary import LONGEST
from services.intake.understanding.understand import Understanding, understand
from shared.contracts.contacts import Step
from shared.contracts.vocabulary import Complexity, Outcome, Urgency
from tests.shipped import problem_types

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=SHANGHAI)
RULES = problem_types()


def read(text: str | None, *voters: Voter, subject: str | None = None) -> Understanding:
    return understand(text, subject=subject, received_at=NOW, rules=RULES, voters=voters)


def test_the_text_of_the_contract_is_understood() -> None:
    """Bought at two, expired at four: two moments, the right type, and the contradiction spelled out."""
    found = read("10月15日14点购买A游戏点卡,16点充值时提示卡密已过期")
    assert found.problem_type == "cardkey_invalid"
    assert [(entry.at and entry.at.isoformat(), entry.what, entry.approx) for entry in found.timeline] == [
        ("2026-10-15T14:00:00+08:00", "购买A游戏点卡", False),
        ("2026-10-15T16:00:00+08:00", "充值时提示卡密已过期", False),
    ]
    assert found.anomaly == "购买(10-15 14:00)后2小时即提示过期(10-15 16:00):充值时提示卡密已过期"
    assert found.missing == ("order_no",)
    assert found.language == "zh"
    assert found.summary.startswith("【卡密无效】缺订单号;10-15 14:00 购买A游戏点卡")


def test_a_failure_before_the_purchase_is_odd() -> None:
    """Times that cannot both be true are pointed out."""
    found = read("10月15日16点购买的点卡,10月15日14点提示卡密无效")
    assert found.anomaly is not None
    assert found.anomaly.startswith("失败(10-15 14:00)早于购买(10-15 16:00)")


@pytest.mark.parametrize(
    ("problem_type", "example"), [(kind.id, example) for kind in RULES.types.values() for example in kind.examples]
)
def test_every_shipped_example_is_understood(problem_type: str, example: str) -> None:
    """The examples in the rule files are promises."""
    assert read(example).problem_type == problem_type


@pytest.mark.parametrize(
    ("text", "problem_type"),
    [
        ("已经到账了,谢谢", "other"),
        ("怎么充值", "usage_howto"),
        ("充值一般多久到账?", "usage_howto"),
        ("我不是要退款,我要的是卡密,没收到卡密", "delivery_issue"),
    ],
)
def test_guards_tell_a_problem_from_its_negation(text: str, problem_type: str) -> None:
    """A solved matter and a question are not a problem."""
    assert read(text).problem_type == problem_type


@pytest.mark.parametrize(
    "text",
    [
        "有人冒充你们客服要我报验证码",
        "对方让我转保证金才肯发货",
        "充值没到账,他叫我下载向日葵远程控制",
        "someone claiming to be support asked me for my verification code",
    ],
)
def test_fraud_forces_a_person_whatever_the_type(text: str) -> None:
    """A fraud report is critical and no machine answers it."""
    found = read(text)
    assert "fraud_suspected" in found.signals
    assert (found.outcome, found.urgency) == (Outcome.HUMAN, Urgency.CRITICAL)
    assert "human:fraud_suspected" in found.reasons


def test_who_asks_for_a_person_gets_one() -> None:
    """A sure type does not keep a member from a person they asked for."""
    assert read("充值没到账").outcome == Outcome.ACT
    assert read("充值没到账,转人工").outcome == Outcome.HUMAN


def test_doubt_between_two_types_becomes_a_question() -> None:
    """Two matters of the same weight are asked about, not guessed."""
    found = read("充值没到账。优惠券没减。")
    assert found.outcome == Outcome.ASK
    assert {one.type for one in found.candidates[:2]} == {"topup_not_arrived", "discount_missing"}
    assert "complex:several_matters" in found.reasons


@pytest.mark.parametrize("text", [None, "", "   ", "\x00", "\ud800", "嗡嗡嗡嗡", "1234"])
def test_what_says_nothing_goes_to_a_person(text: str | None) -> None:
    """Without evidence there is no guess."""
    found = read(text)
    assert (found.problem_type, found.outcome) == ("other", Outcome.HUMAN)
    assert "type:not_understood" in found.reasons


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("我要投诉", "complex:complaint"),
        ("订单202410150001和202410150002充值没到账", "complex:several_orders"),
        ("10月1日买的,10月2日充的,10月3日还没到账", "complex:many_moments"),
        ("退款3000元", "complex:high_refund"),
    ],
)
def test_whatever_makes_a_contact_complex_is_named(text: str, reason: str) -> None:
    """Whatever makes a contact complex is named."""
    found = read(text)
    assert found.complexity == Complexity.COMPLEX
    assert reason in found.reasons
    assert read("充值没到账").complexity == Complexity.SIMPLE


def test_required_facts_are_asked_for_until_given() -> None:
    """An order number answers when it was bought; the account is still asked for."""
    assert read("充值没到账").missing == ("order_no", "purchased_at", "account")
    assert read("充值没到账,订单号202410150001").missing == ("account",)
    assert read("充值没到账,订单号202410150001,手机13900000000").missing == ()


def test_given_facts_outrank_the_text() -> None:
    """A form's order number comes first, its purchase time replaces the one in the text, its steps are not doubled."""
    bought = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI)
    found = understand(
        "昨天10点购买的点卡,11点提示过期,订单号202410150001",
        received_at=NOW,
        rules=RULES,
        order_no="KF-1",
        purchased_at=bought,
        steps=[Step(at=datetime(2026, 11, 21, 11, tzinfo=SHANGHAI), what="输入卡密 ABCD-EFGH-1234-5678")],
    )
    assert found.order_nos == ("KF-1", "202410150001")
    assert [entry.at for entry in found.timeline] == [bought, datetime(2026, 11, 21, 11, tzinfo=SHANGHAI)]
    assert "EFGH" not in found.timeline[1].what


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("充值没到账", "zh"),
        ("儲值沒有到帳", "zh-Hant"),
        ("my top-up has not arrived", "en"),
        ("Office激活码用不了", "zh"),
        ("チャージできません", "other"),
        ("12345", "other"),
    ],
)
def test_the_language_decides_in_which_one_we_answer(text: str, language: str) -> None:
    """The language decides in which one we answer."""
    assert read(text).language == language


def test_the_subject_is_read_too() -> None:
    """An e-mail may say everything in its subject."""
    assert read("如题", subject="充值没到账").problem_type == "topup_not_arrived"


@dataclass(frozen=True)
class Certain:
    """A voter with one opinion."""

    opinion: Mapping[str, float]
    name: str = "certain"

    def vote(self, given: Normalised) -> Mapping[str, float]:
        return self.opinion


def test_a_further_voter_is_averaged_with_the_rules() -> None:
    """It can decide what the rules do not know and shake what they were sure of; an empty vote abstains."""
    assert read("嗡嗡", Certain({"refund": 0.9})).problem_type == "refund"
    assert read("充值没到账", Certain({"refund": 0.9})).outcome == Outcome.ASK
    assert read("充值没到账", Certain({})).outcome == Outcome.ACT


def test_a_long_text_is_read_at_both_ends_and_no_number_is_cut_in_two() -> None:
    """A hundred thousand characters cost what eight thousand cost."""
    text = "订单号202410150001充值没到账。" + "啊" * 100_000 + "电话13900000000"
    assert len(normalise(text).text) <= HEAD + TAIL + 1
    found = read(text)
    assert found.order_nos == ("202410150001",)
    assert found.phones == ("+8613900000000",)
    assert read("1" * (HEAD - 9) + "订单号" + "2" * 20 + "啊" * TAIL * 2).order_nos == ()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=400))
def test_no_text_is_refused_and_the_summary_is_one_short_line(text: str) -> None:
    """Whatever is sent, there is an answer, and its line fits."""
    found = read(text)
    assert len(found.summary) <= LONGEST
    assert "\n" not in found.summary
    found.summary.encode()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="卡密码号是:, -昨天10点买的没到账订单", max_size=30), st.from_regex(r"\A1[3-9]\d{9}\Z"))
def test_no_phone_number_leaves_in_full(before: str, phone: str) -> None:
    """Whatever stands around it, a mobile number is not on the topic unless it was given as an order number."""
    found = read(f"{before}手机{phone}昨天买的,没到账")
    shown = " ".join([found.summary, found.anomaly or "", *(entry.what for entry in found.timeline)])
    assert phone not in shown or phone in found.order_nos


@pytest.mark.parametrize(
    "hostile",
    [
        "1" * 5_000,
        "1-" * 2_500,
        "一" * 5_000,
        "1点" * 2_500,
        "付1" * 2_500,
        "a1" * 2_500,
        "没" * 5_000,
        "1元" * 2_500,
        "123456 " * 700,
        "订单12345678," * 400,
        "\ufdfa" * 5_000,
        "卡密1234 " * 600,
        "a" * 4_999 + "@",
    ],
)
def test_hostile_texts_cost_no_more_than_their_length(hostile: str) -> None:
    """Doubling a hostile text does not quadruple the time."""
    half, whole = _seconds(hostile[: len(hostile) // 2]), _seconds(hostile)
    assert whole < 3.2 * half + 0.02


def _seconds(text: str) -> float:
    taken = []
    for _ in range(3):
        start = process_time()
        read(text)
        taken.append(process_time() - start)
    return min(taken)


def test_letters_that_grow_in_lower_case_move_nothing() -> None:
    """What is found behind a Turkish İ is found, and masked, where it stands."""
    found = read("İİİİ 充值12.5元没到账 qq:1234567 订单KA20261015001")
    assert [amount.value for amount in found.amounts] == [Decimal("12.5")]
    assert found.order_nos == ("KA20261015001",)
    assert "1234567" not in found.summary_parts.shown


def test_a_list_of_facts_does_not_swell_the_event() -> None:
    """An event stays small, whatever a text enumerates."""
    found = read("。".join(f"订单号2024101500{n:02},付了{n + 1}元,10月{n % 28 + 1}日" for n in range(60)))
    assert max(len(found.order_nos), len(found.amounts), len(found.timeline)) <= 20
