"""What is sent is the template's text, character for character, around slots that hold what their type allows."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.notify.domain.intent import Intent
from services.notify.domain.rendering import Rendered, render
from services.notify.domain.states import NoticeState
from services.notify.domain.ticket import NoticeKind
from services.notify.domain.wording import Span, Worded, is_worded
from services.notify.gateways.sender import Message
from services.notify.use_cases.dispatch.call import is_as_rendered
from services.notify.use_cases.dispatch.claim import Job
from tests.unit.notify.samples import MEMBER, NOW, POLICY, TICKET

KINDS = st.sampled_from(list(NoticeKind))
CHANNELS = st.sampled_from(["sms", "push"])
LOCALES = st.sampled_from(["zh-CN", "en"])


def rendered(kind: NoticeKind, channel: str, locale: str = "zh-CN") -> Rendered:
    """As a member of gold would get it."""
    return render(
        kind=kind,
        channel=channel,
        ticket=TICKET,
        member=replace(MEMBER, tier="gold", locale=locale),
        catalogue=POLICY.catalogues.of(locale),
        directory=POLICY.directory,
        now=NOW,
    )


def passes(worded: Worded, kind: NoticeKind, channel: str, locale: str) -> bool:
    """Whether it may leave."""
    return is_worded(worded, kind, channel, POLICY.catalogues.of(locale), POLICY.directory)


@given(KINDS, CHANNELS, LOCALES, st.data())
def test_one_other_character_stops_it(kind: NoticeKind, channel: str, locale: str, data: st.DataObject) -> None:
    """Put in, taken out or changed, anywhere in text, title or signature: only what was rendered passes."""
    good = rendered(kind, channel, locale).worded
    assert passes(good, kind, channel, locale)
    part = data.draw(st.sampled_from(["text", "title", "signature"]))
    words = getattr(good, part)
    place = data.draw(st.integers(0, len(words)))
    taken = data.draw(st.integers(0, 2))
    put = data.draw(st.text(max_size=3))
    changed = words[:place] + put + words[place + taken :]
    assume(changed != words)
    numbers = [span for span in good.spans if span.slot == "ticket_no"]
    if part == "text" and any(span.start <= place and place + taken <= span.end for span in numbers):
        assume(not put.isascii() or not put.isalnum())  # a number of the same length and type would be a number too
    moved = replace(good, **{part: changed})
    assert not passes(moved, kind, channel, locale)


@given(KINDS, CHANNELS, st.integers(0, 40), st.text(min_size=1, max_size=20))
def test_a_slot_is_no_way_around(kind: NoticeKind, channel: str, place: int, text: str) -> None:
    """Words declared to be a slot's, or a slot declared longer than it is, are looked at as that slot's type."""
    good = rendered(kind, channel).worded
    end = good.spans[0].end
    forged = replace(
        good,
        text=good.text[:end] + text + good.text[end:],
        spans=tuple(
            Span(span.slot, span.start + (len(text) if index else 0), span.end + len(text))
            for index, span in enumerate(good.spans)
        ),
    )
    assume(not (text.isascii() and text.replace("-", "").isalnum() and text.upper() == text))
    assert not passes(forged, kind, channel, "zh-CN")
    extra = replace(good, spans=(*good.spans, Span("ticket_no", place, place)))
    assert not passes(extra, kind, channel, "zh-CN")


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_text_is_of_its_kind_and_language(kind: NoticeKind) -> None:
    """The right text of another notice, channel or language is the wrong text."""
    good = rendered(kind, "sms").worded
    assert not passes(good, kind, "push", "zh-CN")
    assert not passes(good, kind, "sms", "en")
    assert not any(passes(good, other, "sms", "zh-CN") for other in NoticeKind if other is not kind)


def test_an_entry_is_the_directorys() -> None:
    """A number of the right form that is not the entry named does not pass, nor one the directory does not have."""
    good = rendered(NoticeKind.OPENED, "sms").worded
    assert not passes(
        replace(good, text=good.text.replace("400-555-0100", "400-555-0199")), NoticeKind.OPENED, "sms", "zh-CN"
    )
    assert not passes(replace(good, entries=("nobody",)), NoticeKind.OPENED, "sms", "zh-CN")
    assert not passes(replace(good, entries=("gold_line",)), NoticeKind.OPENED, "sms", "zh-CN")


def job(**message: str) -> Job:
    """A notice that is about to be handed over."""
    made = rendered(NoticeKind.OPENED, "sms")
    intent = Intent(
        notice_id=uuid.uuid4(),
        ticket_id=TICKET.ticket_id,
        member_id=MEMBER.member_id,
        kind=NoticeKind.OPENED,
        version=1,
        channel="sms",
        state=NoticeState.SUBMITTING,
        template_version=made.text_name.version,
        text_hash=made.text_hash,
        cause="c",
        planned_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        contact_entries=made.contact_entries,
    )
    given = {"text": made.text, "signature": made.signature, **message}
    return Job(intent, Message(intent.notice_id, "sms", "+8613800138000", **given), NOW, made)


def test_the_last_look_is_at_what_is_handed_over() -> None:
    """The message itself is compared, with the template of the version the notice says, right before the call."""
    good = job()
    assert is_as_rendered(good, POLICY)
    assert good.message is not None
    for field, value in (("text", good.message.text + "加我"), ("signature", "别家"), ("title", "标题")):
        assert not is_as_rendered(job(**{field: value}), POLICY)
    assert not is_as_rendered(replace(good, intent=replace(good.intent, template_version=99)), POLICY)
    assert not is_as_rendered(replace(good, intent=replace(good.intent, text_hash=b"of other words")), POLICY)
    assert not is_as_rendered(replace(good, intent=replace(good.intent, text_hash=None)), POLICY)
    assert not is_as_rendered(replace(good, rendered=None), POLICY)
