"""What becomes of a notice before anything leaves the house."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.domain.intent import Intent
from services.notify.domain.member import Addresses, Member
from services.notify.domain.planning import Limit, plan, supersede
from services.notify.domain.states import NoticeState
from services.notify.domain.submitting import check_submission
from services.notify.domain.ticket import NoticeKind, Ticket
from shared.contracts.reference import MemberChanged
from tests.unit.notify.samples import INTENT, KNOWN, MEMBER, NOW, POLICY, TICKET, submitted

GRACE = timedelta(seconds=10)
HELD = replace(INTENT, state=NoticeState.HELD)
RULE = POLICY.kinds[NoticeKind.OPENED]


def _plan(ticket: Ticket = TICKET, member: Member | None = MEMBER, intent: Intent = HELD, late: float = 0) -> Intent:
    return plan(intent, ticket, member, RULE, grace=GRACE, now=NOW + timedelta(seconds=late))


@pytest.mark.parametrize(
    ("member", "channel"),
    [
        (MEMBER, "sms"),
        (replace(MEMBER, has_push=True), "push"),
        (replace(MEMBER, has_phone=False, has_push=True), "push"),
    ],
)
def test_push_comes_first_where_there_is_a_device(member: Member, channel: str) -> None:
    """Push when there is a device, else SMS."""
    planned = _plan(member=member)
    assert (planned.state, planned.channel) == (NoticeState.PLANNED, channel)


@pytest.mark.parametrize(
    ("ticket", "member", "reason"),
    [
        (replace(TICKET, member_id=None), None, "no_member"),
        (replace(TICKET, identity="claimed"), MEMBER, "identity_not_proven"),
        (TICKET, replace(MEMBER, has_phone=False), "no_verified_address"),
    ],
)
def test_nothing_is_planned_without_a_proven_member_and_address(
    ticket: Ticket, member: Member | None, reason: str
) -> None:
    """Without a proven member and a verified address nothing is planned, and the reason is said."""
    planned = _plan(ticket, member)
    assert (planned.state, planned.reason, planned.due_at) == (NoticeState.SUPPRESSED, reason, None)


def test_member_not_heard_of() -> None:
    """A member not heard of yet is waited for, but not for long."""
    assert _plan(member=None).state is NoticeState.HELD
    assert _plan(member=None, late=10).reason == "no_member"


def test_what_comes_too_late_is_not_planned() -> None:
    """What comes too late to be of use is not planned."""
    assert _plan(late=1800).state is NoticeState.EXPIRED


def test_newer_news_replace_what_is_not_sent() -> None:
    """Newer news replace what is not sent yet, and leave alone what is under way."""
    under_way = [
        submitted(state=state) for state in (NoticeState.SUBMITTING, NoticeState.IN_DOUBT, NoticeState.DELIVERED)
    ]
    ended = supersede([INTENT, HELD, *under_way])
    assert [(one.state, one.reason) for one in ended] == [(NoticeState.SUPPRESSED, "superseded")] * 2


def test_only_verified_phones_are_addresses() -> None:
    """Only phones somebody has verified are addresses."""
    handles = [
        {"kind": "phone", "value": "+8613900000001", "verified": False},
        {"kind": "phone", "value": "+8613900000002", "verified": True},
        {"kind": "email", "value": "a@example.com", "verified": True},
    ]
    member = MemberChanged.model_validate({"member_id": "m-1", "handles": handles})
    assert Addresses.of(member).phones == ("+8613900000002",)


@pytest.mark.parametrize(("hour", "day", "allowed"), [(4, 4, True), (5, 5, False), (0, 12, False), (0, 11, True)])
def test_no_more_than_the_share_of_an_hour_and_a_day(hour: int, day: int, allowed: bool) -> None:
    """Neither more than the hour's share nor more than the day's."""
    assert Limit(5, 12).allows(last_hour=hour, last_day=day) is allowed


@pytest.mark.parametrize(
    ("intent", "ticket", "member", "outcome"),
    [
        (replace(INTENT, expires_at=NOW), TICKET, MEMBER, (NoticeState.EXPIRED, "too_late")),
        (INTENT, TICKET, None, (NoticeState.SUPPRESSED, "no_member")),
        (INTENT, replace(TICKET, member_id="m-2"), MEMBER, (NoticeState.SUPPRESSED, "identity_not_proven")),
        (INTENT, TICKET, replace(MEMBER, has_phone=False), (NoticeState.SUPPRESSED, "no_verified_address")),
        (INTENT, replace(TICKET, ticket_no="加V领取"), MEMBER, (NoticeState.BLOCKED, "ticket_no_malformed")),
        (
            INTENT,
            replace(TICKET, ticket_no="T-13800138000"),
            MEMBER,
            (NoticeState.BLOCKED, "contact_not_in_directory:digits"),
        ),
        (
            submitted(state=NoticeState.IN_DOUBT),
            replace(TICKET, version=2),
            MEMBER,
            (NoticeState.EXPIRED, "superseded"),
        ),
        (submitted(state=NoticeState.IN_DOUBT), TICKET, None, (NoticeState.EXPIRED, "no_member")),
    ],
)
def test_the_plan_is_looked_at_again_before_sending(
    intent: Intent, ticket: Ticket, member: Member | None, outcome: tuple[NoticeState, str]
) -> None:
    """What the plan stood on is looked at again at the moment of sending."""
    submission = check_submission(intent, ticket, member, POLICY, sent={}, known=KNOWN, now=NOW)
    assert submission.rendered is None
    assert (submission.intent.state, submission.intent.reason) == outcome


def test_a_member_who_got_their_share_gets_no_more() -> None:
    """A member who got their share gets no more on that channel."""
    submission = check_submission(INTENT, TICKET, MEMBER, POLICY, sent={("m-1", "sms"): (5, 5)}, known=KNOWN, now=NOW)
    assert (submission.intent.state, submission.intent.reason) == (NoticeState.SUPPRESSED, "limit")


@pytest.mark.parametrize("words", [b"other words", None], ids=["other words", "a version nobody noted"])
def test_other_words_under_a_version_that_is_known(words: bytes | None) -> None:
    """A text that is not what its version stands for does not leave, though it is the template of this process."""
    name = POLICY.catalogues.of("zh-CN").text_name(NoticeKind.OPENED)
    known = {one: text for one, text in {**KNOWN, name: words}.items() if text is not None}
    submission = check_submission(INTENT, TICKET, MEMBER, POLICY, sent={}, known=known, now=NOW)
    assert (submission.intent.state, submission.intent.reason) == (NoticeState.BLOCKED, "not_the_template")
    again = check_submission(
        submitted(state=NoticeState.IN_DOUBT), TICKET, MEMBER, POLICY, sent={}, known=known, now=NOW
    )
    assert (again.intent.state, again.intent.reason) == (NoticeState.EXPIRED, "not_the_template")


def test_an_sms_goes_when_the_device_is_gone() -> None:
    """When the device is gone by the time of sending, the SMS goes instead."""
    planned = replace(INTENT, channel="push")
    submission = check_submission(planned, TICKET, MEMBER, POLICY, sent={}, known=KNOWN, now=NOW)
    assert submission.rendered is not None
    assert submission.intent.channel == "sms"


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("proof", ["weak", "none", "strong", "a word of the future"])
def test_how_surely_it_was_the_member(kind: NoticeKind, proof: str) -> None:
    """A contact that others can forge has its member told that somebody reached us, and nothing more."""
    planned = _plan(replace(TICKET, identity_proof=proof), intent=replace(HELD, kind=kind))
    told = proof == "strong" or (proof == "weak" and kind is NoticeKind.OPENED)
    assert (planned.state is NoticeState.PLANNED, planned.reason) == (
        (told, None) if told else (told, "identity_not_proven")
    )
