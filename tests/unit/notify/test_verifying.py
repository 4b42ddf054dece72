"""Is this yours: only what is exactly ours is, and limits for who asks too much."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.notify.api.directory_index import DirectoryIndex
from services.notify.domain.verifying import Answer, Note, Verdict
from shared.contracts.ticket_numbers import ticket_number
from shared.security.sealing import Sealer
from tests.unit.notify.samples import NOW, POLICY

VERIFICATION = DirectoryIndex(POLICY.directory, Sealer([b"k" * 32], service="notify"))
PUBLIC = [entry.value for entry in POLICY.directory.entries if entry.is_for("")]
BLANKS = " \t\r\n\u3000"
HARMLESS = {"", "tel:", "mailto:", "+86", "0086", "+86-", "0086-"}
"""What may stand before an official value, blanks aside, and lead nowhere else."""

ANYTHING = st.text(st.one_of(st.sampled_from("@/\\:?#.;,()%+-_09aK \n\u200b\u202e０ａ。"), st.characters()), max_size=8)


def _verdict(value: str, tier: str | None = None) -> Verdict:
    return VERIFICATION.ask(value, tier=tier, now=NOW)


def _ask(value: str, tier: str | None = None) -> Answer:
    return _verdict(value, tier).answer


@pytest.mark.parametrize(
    "value",
    [
        "400-555-0100",
        "4005550100",
        " 400 555 0100 \n",
        "+86 400-555-0100",
        "0086(400)5550100",
        "(400) 555–0100",
        "４００－５５５－０１００",
        "tel:400-555-0100",
        "https://kefu.example.com/official",
        "HTTPS://Kefu.Example.COM/official",
        "\u3000https://kefu.example.com/official ",
        "Support@Kefu.Example.com",
        "mailto:support@kefu.example.com",
        "/me/official-support",
    ],
)
def test_what_is_ours_is_official_however_it_is_typed(value: str) -> None:
    """However it is typed by somebody who will reach us with it, what is ours is official."""
    assert _ask(value) is Answer.OFFICIAL


@pytest.mark.parametrize(
    "value",
    [
        "400-555-0101",
        "8400-555-0100",
        "400-555-01",
        "https://kеfu.example.com/official",
        "",
        "\x00",
        "https://" + "a" * 70 + ".com",
        "https://..",
        "字" * 1000,
        "https://kefu.example.com/official" + " " * 300,
    ],
)
def test_what_only_looks_like_ours_is_not(value: str) -> None:
    """What only looks like ours is not, and nonsense is answered too."""
    assert _ask(value) is Answer.NOT_IN_DIRECTORY


@pytest.mark.parametrize(
    "value",
    [
        r"https://evil.example\@kefu.example.com/official",
        r"https:\\evil.example\@kefu.example.com/official",
        r"https://evil.example:443\@kefu.example.com/official",
        "加微信 fraud888 转账 @kefu.example.com/official",
        "javascript://kefu.example.com/official",
        "http://kefu.example.com/official",
        "ftp://kefu.example.com/official",
        "//kefu.example.com/official",
        "kefu.example.com/official",
        "https://kefu.example.com",
        "https://kefu.example.com/official/",
        "https://kefu.example.com//official",
        "https://kefu.example.com/x/../official",
        "https://kefu.example.com/OFFICIAL",
        "https://kefu.example.com./official",
        "https://kefu.example.com:443/official",
        "https://kefu.example.com:8443/official",
        "https://kefu.example.com/official?redirect=https://evil.example",
        "https://kefu.example.com/official#@evil.example",
        "https://kefu.example.com/official%2F..%2Fevil",
        "https://kefu%2Eexample.com/official",
        "https://kefu.example.com.evil.example/official",
        "https://kefu.example.com@evil.example/official",
        "https://user@kefu.example.com/official",
        "https://kefu。example.com/official",
        "https://ｋｅｆｕ.example.com/official",
        "https://kefu.example.com/official。",
        "<https://kefu.example.com/official>",
        "support@kefu.example.com.evil.example",
        "客服 <support@kefu.example.com>",
        "support+refund@kefu.example.com",
        "support@kefu.example.com@evil.example",
        "mailto:support@kefu.example.com?cc=x@evil.example",
        "mailto:?cc=support@kefu.example.com",
        "support@kefu.example.com,x@evil.example",
        "400-555-0100 转 9527",
        "400-555-0100,,9527",
        "400-555-0100#9527",
        "400-555-0100x9527",
        "tel:400-555-0100;ext=9527",
        "tel:400-555-0100;phone-context=evil.example",
        "tel://400-555-0100",
        "（400-555-0100）",
        "106904005550100",
        "+1 400-555-0100",
        "400-555-0100 或 13800138000",
        "④00-555-0100",
        "٤٠٠-٥٥٥-٠١٠٠",
        "𝟒𝟎𝟎-𝟓𝟓𝟓-𝟎𝟏𝟎𝟎",
    ],
)
def test_what_contains_something_of_ours_is_likely_a_fake(value: str) -> None:
    """What contains something of ours and is not exactly it is told to be a likely fake."""
    verdict = _verdict(value)
    assert (verdict.answer, verdict.note, verdict.entry) == (Answer.NOT_IN_DIRECTORY, Note.IMITATION, None)


@given(st.sampled_from(PUBLIC), ANYTHING, ANYTHING)
def test_nothing_may_stand_around_it(official: str, before: str, behind: str) -> None:
    """With anything before or behind it but blanks an official value is not official, and called a likely fake."""
    before, behind = before.lstrip(BLANKS), behind.rstrip(BLANKS)
    assume((before.strip(BLANKS), behind) not in {(one, "") for one in HARMLESS})
    verdict = _verdict(before + official + behind)
    assert verdict.answer is not Answer.OFFICIAL
    if not official.startswith("/"):
        assert verdict.note is Note.IMITATION


@given(st.sampled_from([one for one in PUBLIC if "." in one]), st.integers(0, 40), st.characters())
def test_nothing_may_stand_inside_of_it(official: str, place: int, character: str) -> None:
    """One more character anywhere in an address makes another of it."""
    changed = official[:place] + character + official[place:]
    assume(changed.strip(BLANKS) != official)
    assert _ask(changed) is not Answer.OFFICIAL


@pytest.mark.parametrize(
    "value",
    [
        *("QQ:800055566", "qq 800055566", "800055566", "QQ号800055566", "企业QQ：800055566", "８０００５５５６６"),
        *("800055566\n", "\u3000qq号码: 800055566"),
    ],
)
def test_messenger_of_a_tier(value: str) -> None:
    """A tier's own account is official to that tier alone, and to nobody else a known one that is imitated."""
    assert _ask(value, "gold") is Answer.OFFICIAL
    for tier in ("silver", None):
        assert _verdict(value, tier) == Verdict(Answer.NOT_IN_DIRECTORY, Note.NOT_IN_DIRECTORY)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "telegram:800055566",
            "wechat:800055566",
            "微信:800055566",
            "微信号800055566",
            "line 800055566",
            "v:800055566",
        ),
        *("v800055566", "qq群800055566", "qq:8000555661", "加qq 800055566", "qq:qq:800055566", "qq:800055566⑧"),
        *("qq:800055566 vx:fraud888", "https://qq:800055566", "q q:800055566", "８０００５５５６⑥"),
    ],
)
def test_the_same_account_of_another_messenger(value: str) -> None:
    """An account is the service and the name on it: the same number elsewhere is somebody else's."""
    assert _ask(value, "gold") is Answer.NOT_IN_DIRECTORY


@pytest.mark.parametrize("value", ["482913", ticket_number(42, NOW), f" {ticket_number(42, NOW).lower()} "])
def test_call_codes_are_judged_by_their_form_alone(value: str) -> None:
    """Call codes and ticket numbers are judged by their form: whether one exists is told nobody here."""
    assert _ask(value) is Answer.LOGIN_TO_CHECK
