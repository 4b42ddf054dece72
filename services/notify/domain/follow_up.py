"""What is done about a notice that is out of our hands: asked for, sent once more, or given up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.notify.domain.intent import Intent
from services.notify.domain.states import NoticeState, after

NOT_FOUND: Final = "not_found"
UNRESOLVED: Final = "unresolved"
NO_ANSWER: Final = "no_answer"
MOST_ATTEMPTS: Final = 2
"""One more try where the provider certainly has nothing: who lost two in a row will lose the third, and by then
the news is old."""


@dataclass(frozen=True, slots=True)
class FollowUpPolicy:
    """When the provider is asked about a notice, counted from its submission, ascending. After the last of ``doubt``
    a provider that does not know it certainly never had it: that has to be longer than its query API lags behind."""

    doubt: tuple[timedelta, ...]
    receipt: tuple[timedelta, ...]

    def next_poll_at(self, intent: Intent, now: datetime) -> datetime | None:
        """When to ask next; None when there is nothing more to be learnt."""
        if intent.submitted_at is None:
            return None
        if intent.state is NoticeState.ACCEPTED:
            return next((at for wait in self.receipt if (at := intent.submitted_at + wait) > now), None)
        if intent.state is not NoticeState.IN_DOUBT:
            return None
        ahead = next((at for wait in self.doubt if (at := intent.submitted_at + wait) > now), None)
        # past the last one only while the provider cannot be asked: keep asking
        return ahead or now + self.doubt[-1]

    def is_certain(self, intent: Intent, now: datetime) -> bool:
        """Whether not being found now means never having arrived."""
        return intent.submitted_at is not None and now >= intent.submitted_at + self.doubt[-1]

    def after_evidence(self, intent: Intent, evidence: NoticeState, reason: str | None, now: datetime) -> Intent:
        """The notice once ``evidence`` is known; what says nothing new changes at most when to ask next."""
        state = after(intent.state, evidence)
        if state is intent.state:
            # accepted, as it was: a look-up whose receipt is still out, to be repeated when its time comes
            waits = state is NoticeState.ACCEPTED and evidence is NoticeState.ACCEPTED
            return replace(intent, due_at=self.next_poll_at(intent, now)) if waits else intent
        moved = replace(intent, state=state, reason=reason)
        return replace(moved, due_at=self.next_poll_at(moved, now))

    def put_back(self, intent: Intent, *, retry_at: datetime) -> Intent:
        """The attempt did not happen: nothing left the house, so it does not count."""
        if intent.state is not NoticeState.SUBMITTING:
            return intent
        # of a second attempt the first remains, of which the provider certainly knows nothing
        if intent.attempt == 1:
            return replace(intent, state=NoticeState.PLANNED, attempt=0, submitted_at=None, due_at=retry_at)
        return replace(
            intent, state=NoticeState.IN_DOUBT, attempt=intent.attempt - 1, reason=NOT_FOUND, due_at=retry_at
        )

    def not_found(self, intent: Intent, *, resend: bool, newest: bool, asked_at: datetime) -> Intent:
        """The provider, asked at ``asked_at``, does not know the notice. Once that is certain it is sent again or given
        up; ``newest``: its ticket has not moved on since."""
        if not self.is_certain(intent, asked_at):
            return replace(intent, due_at=self.next_poll_at(intent, asked_at))
        if resend and newest and intent.attempt < MOST_ATTEMPTS and asked_at < intent.expires_at:
            return replace(intent, reason=NOT_FOUND, due_at=asked_at)
        return intent.ended(NoticeState.EXPIRED, NOT_FOUND)

    def not_answered(self, intent: Intent, *, asked_at: datetime, now: datetime) -> Intent:
        """The provider could not be asked either: asked again, and given up once the notice is of no use any more."""
        if self.is_certain(intent, asked_at) and asked_at >= intent.expires_at:
            return intent.ended(NoticeState.EXPIRED, UNRESOLVED)
        return replace(intent, due_at=self.next_poll_at(intent, now))


def is_to_be_sent_again(intent: Intent) -> bool:
    """Whether the provider certainly does not have it, so that one more attempt cannot be a second message."""
    return intent.state is NoticeState.IN_DOUBT and intent.reason == NOT_FOUND
