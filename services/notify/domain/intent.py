"""One notice on one channel: the row that is written before anything leaves the house."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.notify.domain.states import NoticeState
from services.notify.domain.ticket import NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A notice. ``notice_id`` is also the out_id every attempt carries to the provider.

    ``version`` is the ticket's version it speaks of; ``due_at`` is when it has to be looked at next, None for never;
    ``attempt`` counts submissions; ``cause`` is the id of the ticket event. ``text_hash`` is that of the template's
    words; a notice of an earlier release has none before it is submitted.
    """

    notice_id: UUID
    ticket_id: UUID
    member_id: str | None
    kind: NoticeKind
    version: int
    channel: str
    state: NoticeState
    template_version: int
    text_hash: bytes | None
    cause: str
    planned_at: datetime
    expires_at: datetime
    due_at: datetime | None = None
    attempt: int = 0
    provider: str | None = None
    message_id: str | None = None
    contact_entries: tuple[str, ...] = ()
    reason: str | None = None
    submitted_at: datetime | None = None

    def ended(self, state: NoticeState, reason: str) -> "Intent":
        """Not sent, or given up, for a reason that is published."""
        return replace(self, state=state, reason=reason, due_at=None)

    def submitted(self, *, provider: str, at: datetime, answer_by: datetime) -> "Intent":
        """About to be handed to the provider; ``answer_by`` is when silence becomes doubt."""
        return replace(
            self,
            state=NoticeState.SUBMITTING,
            provider=provider,
            attempt=self.attempt + 1,
            submitted_at=at,
            due_at=answer_by,
            reason=None,
        )
