"""What members read: every text in every language, within what carriers allow."""

import itertools
from dataclasses import replace

import pytest
from pydantic import ValidationError

from services.notify.domain.directory import Directory
from services.notify.domain.rendering import BlockedError, Rendered, render
from services.notify.domain.templates import SMS_CHARACTERS, TextCatalogue
from services.notify.domain.ticket import NoticeKind
from services.notify.domain.verifying import Note
from tests.unit.notify.samples import MEMBER, NOW, POLICY, TICKET, TICKET_NO

LOCALES = ("zh-CN", "en")
TIERS = ("standard", "silver", "gold", "enterprise")
PROBLEMS = ("refund", "dispute", "account_security")
SEGMENT, LONG_SEGMENT, BRACKETS = 70, 67, 2


def _render(kind: NoticeKind, channel: str, locale: str, tier: str = "standard", problem: str = "refund") -> Rendered:
    return render(
        kind=kind,
        channel=channel,
        ticket=replace(TICKET, problem_type=problem),
        member=replace(MEMBER, tier=tier, locale=locale),
        catalogue=POLICY.catalogues.of(locale),
        directory=POLICY.directory,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("kind", "locale", "most"), [(kind, "zh-CN", 2) for kind in NoticeKind] + [(k, "en", 4) for k in NoticeKind]
)
def test_every_sms_names_the_ticket_and_the_hotline_alone(kind: NoticeKind, locale: str, most: int) -> None:
    """Every SMS names the ticket and the official hotline and nothing else, at the price of few segments."""
    rendered = _render(kind, "sms", locale)
    assert TICKET_NO in rendered.text
    assert "400-555-0100" in rendered.text
    assert rendered.contact_entries == ("hotline",)
    length = len(rendered.signature) + BRACKETS + len(rendered.text)
    assert (1 if length <= SEGMENT else -(-length // LONG_SEGMENT)) <= most


@pytest.mark.parametrize("place", list(itertools.product(NoticeKind, LOCALES, TIERS, PROBLEMS)))
def test_every_push_passes_the_firewall(place: tuple[NoticeKind, str, str, str]) -> None:
    """Every push of every tier and matter passes the firewall."""
    kind, locale, tier, problem = place
    rendered = _render(kind, "push", locale, tier, problem)
    assert TICKET_NO in rendered.text
    assert rendered.title


@pytest.mark.parametrize("tier", TIERS)
def test_sms_tells_no_tier(tier: str) -> None:
    """An SMS is the same for every tier: a phone number may have a new owner."""
    assert _render(NoticeKind.OPENED, "sms", "zh-CN", tier) == _render(NoticeKind.OPENED, "sms", "zh-CN", "standard")


@pytest.mark.parametrize(
    ("locale", "found"),
    [
        ("zh-CN", "zh-CN"),
        ("zh_TW", "zh-CN"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("fr", "zh-CN"),
        (None, "zh-CN"),
        ("", "zh-CN"),
    ],
)
def test_texts_are_chinese_unless_the_language_is_there(locale: str | None, found: str) -> None:
    """Chinese unless the member's language is there."""
    assert POLICY.catalogues.of(locale).locale == found


def test_without_an_official_number_there_is_no_sms() -> None:
    """Without an official number in force there is no SMS, rather than one without it."""
    with pytest.raises(BlockedError, match="no_hotline"):
        render(
            kind=NoticeKind.OPENED,
            channel="sms",
            ticket=TICKET,
            member=MEMBER,
            catalogue=POLICY.catalogues.of(None),
            directory=Directory(()),
            now=NOW,
        )


@pytest.mark.parametrize(
    ("sms", "said"),
    [
        ("工单{ticket_no}已受理。", "the slots ['hotline'] are missing"),
        ("工单{ticket_no}已受理,热线{hotline},{agent}", "unknown slots ['agent']"),
        ("工单{ticket_no}{hotline}", "two slots stand side by side"),
        ("工单{ticket_no}已受理,热线{hotline}或13800138000", "names a contact or address itself (digits)"),
        ("工单{ticket_no}已受理,热线{hotline},或加微信", "names a contact or address itself (messenger)"),
        ("【平台】工单{ticket_no}已受理,热线{hotline}", "【】 belongs to the signature"),
        ("工单{ticket_no.__class__}已受理,热线{hotline}", "unknown slots"),
        ("工单{ticket_no:>99}已受理,热线{hotline}", "a slot is its name in braces"),
        ("工单{ticket_no已受理,热线{hotline}", "in field name"),
        ("工单{ticket_no}已受理,热线{hotline}" + "字" * SMS_CHARACTERS, "can get longer than"),
    ],
)
def test_a_template_carriers_refuse_is_refused_when_read(sms: str, said: str) -> None:
    """A template that carriers or our own firewall would refuse is refused when it is read."""
    template = {"version": 1, "sms": sms, "push": {"title": "工单", "body": "工单{ticket_no}"}}
    catalogue = {
        "locale": "zh-CN",
        "signature": "平台",
        "templates": dict.fromkeys(NoticeKind, template),
        "verify": dict.fromkeys(Note, "说明"),
    }
    with pytest.raises(ValidationError) as refused:
        TextCatalogue.model_validate(catalogue)
    assert said in str(refused.value)
