"""The last checks before a notice is handed over: still of use, still the right member, within limits, clean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.notify.domain.directory import Directory
from services.notify.domain.intent import Intent
from services.notify.domain.member import Member
from services.notify.domain.planning import (
    IDENTITY_NOT_PROVEN,
    LIMIT,
    NO_MEMBER,
    NO_VERIFIED_ADDRESS,
    SUPERSEDED,
    TOO_LATE,
    KindRule,
    Limit,
    choose_channel,
)
from services.notify.domain.rendering import NOT_THE_TEMPLATE, BlockedError, Rendered, render
from services.notify.domain.states import NoticeState
from services.notify.domain.templates import TextCatalogues, TextName
from services.notify.domain.ticket import NoticeKind, Ticket

NOTHING_SENT: Final = (0, 0)


@dataclass(frozen=True, slots=True)
class NoticePolicy:
    """What people have decided about notices."""

    kinds: Mapping[NoticeKind, KindRule]
    limits: Mapping[str, Limit]
    directory: Directory
    catalogues: TextCatalogues


@dataclass(frozen=True, slots=True)
class Submission:
    """A notice that may go now, and its text; without a text it has ended."""

    intent: Intent
    rendered: Rendered | None


def check_submission(
    intent: Intent,
    ticket: Ticket,
    member: Member | None,
    policy: NoticePolicy,
    *,
    sent: Mapping[tuple[str, str], tuple[int, int]],
    known: Mapping[TextName, bytes],
    now: datetime,
) -> Submission:
    """What of the plan still holds at the moment of sending. ``sent``: (member, channel) -> (last hour, last day);
    ``known``: the hash of the words that each version of a template stands for."""
    rule = policy.kinds[intent.kind]
    again = intent.attempt > 0
    if now >= intent.expires_at:
        return _ended(intent, NoticeState.EXPIRED, TOO_LATE)
    if again and ticket.version != intent.version:
        return _ended(intent, NoticeState.EXPIRED, SUPERSEDED)
    if member is None:
        return _ended(intent, NoticeState.SUPPRESSED, NO_MEMBER)
    if ticket.member_id != intent.member_id or not ticket.proven_enough_for(intent.kind):
        return _ended(intent, NoticeState.SUPPRESSED, IDENTITY_NOT_PROVEN)
    channel = intent.channel if member.reachable_by(intent.channel) else None if again else choose_channel(member, rule)
    if channel is None:
        return _ended(intent, NoticeState.SUPPRESSED, NO_VERIFIED_ADDRESS)
    last_hour, last_day = sent.get((member.member_id, channel), NOTHING_SENT)
    if not again and not policy.limits[channel].allows(last_hour=last_hour, last_day=last_day):
        return _ended(intent, NoticeState.SUPPRESSED, LIMIT)
    try:
        rendered = render(
            kind=intent.kind,
            channel=channel,
            ticket=ticket,
            member=member,
            catalogue=policy.catalogues.of(member.locale),
            directory=policy.directory,
            now=now,
        )
    except BlockedError as error:
        return _ended(intent, NoticeState.BLOCKED, str(error))
    if known.get(rendered.text_name) != rendered.text_hash:
        # the service would not have started with these words: somebody changed them inside of the process
        return _ended(intent, NoticeState.BLOCKED, NOT_THE_TEMPLATE)
    named = replace(
        intent,
        channel=channel,
        contact_entries=rendered.contact_entries,
        template_version=rendered.text_name.version,
        text_hash=rendered.text_hash,
    )
    return Submission(named, rendered)


def _ended(intent: Intent, state: NoticeState, reason: str) -> Submission:
    """One that was submitted before may still turn out delivered, so it expires: what is suppressed hears nothing."""
    return Submission(intent.ended(NoticeState.EXPIRED if intent.attempt else state, reason), None)
