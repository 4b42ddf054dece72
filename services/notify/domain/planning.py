"""Which notices are planned: one per event members hear about, only to verified addresses of the proven member."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.notify.domain.intent import Intent
from services.notify.domain.member import Member
from services.notify.domain.states import NOT_YET_SENT, NoticeState
from services.notify.domain.ticket import Ticket
from shared.contracts.vocabulary import NoticeChannel

NO_MEMBER: Final = "no_member"
IDENTITY_NOT_PROVEN: Final = "identity_not_proven"
NO_VERIFIED_ADDRESS: Final = "no_verified_address"
SUPERSEDED: Final = "superseded"
TOO_LATE: Final = "too_late"
LIMIT: Final = "limit"

DEFAULT_CHANNEL: Final = NoticeChannel.SMS.value
"""What a notice that never had an address is filed under."""

_LOOK_AGAIN: Final = timedelta(seconds=1)
"""While a member's data are waited for: they are on another topic, as a rule a moment behind."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """How one kind of notice is treated: channels by preference, how long it is of use, and whether one that the
    provider certainly does not have may be sent once more."""

    channels: tuple[str, ...]
    useful_for: timedelta
    resend: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """How many notices a member gets on one channel."""

    per_hour: int
    per_day: int

    def allows(self, *, last_hour: int, last_day: int) -> bool:
        """Whether one more may go, after so many."""
        return last_hour < self.per_hour and last_day < self.per_day


def plan(
    intent: Intent, ticket: Ticket, member: Member | None, rule: KindRule, *, grace: timedelta, now: datetime
) -> Intent:
    """What becomes of a new or held notice: planned on a channel, held a little longer, or ended with a reason.

    ``grace`` is how long a member we have not heard of yet is waited for: their data come on another topic.
    """
    if now >= intent.expires_at:
        return intent.ended(NoticeState.EXPIRED, TOO_LATE)
    if ticket.member_id is None:
        return intent.ended(NoticeState.SUPPRESSED, NO_MEMBER)
    if not ticket.proven_enough_for(intent.kind):
        return intent.ended(NoticeState.SUPPRESSED, IDENTITY_NOT_PROVEN)
    if member is None:
        if now - intent.planned_at < grace:
            return replace(intent, state=NoticeState.HELD, due_at=now + _LOOK_AGAIN)
        return intent.ended(NoticeState.SUPPRESSED, NO_MEMBER)
    channel = choose_channel(member, rule)
    if channel is None:
        return intent.ended(NoticeState.SUPPRESSED, NO_VERIFIED_ADDRESS)
    return replace(intent, state=NoticeState.PLANNED, channel=channel, due_at=now)


def choose_channel(member: Member, rule: KindRule) -> str | None:
    """The first channel of the rule on which the member has a verified address."""
    return next((channel for channel in rule.channels if member.reachable_by(channel)), None)


def supersede(intents: list[Intent]) -> list[Intent]:
    """The notices of one ticket that need not be sent any more, because its state has moved on."""
    return [intent.ended(NoticeState.SUPPRESSED, SUPERSEDED) for intent in intents if intent.state in NOT_YET_SENT]
