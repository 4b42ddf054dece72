"""Saying on ``support.notice.v1`` what became of notices. Never an address, a token or a text."""

from collections.abc import Iterable
from typing import Final

from services.notify.domain.intent import Intent
from services.notify.domain.states import NoticeState
from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import notices
from shared.telemetry import metrics

EVENTS: Final = {
    NoticeState.PLANNED: notices.NoticePlanned,
    NoticeState.SUPPRESSED: notices.NoticeSuppressed,
    NoticeState.BLOCKED: notices.NoticeBlocked,
    NoticeState.IN_DOUBT: notices.NoticeInDoubt,
    NoticeState.ACCEPTED: notices.NoticeAccepted,
    NoticeState.REJECTED: notices.NoticeRejected,
    NoticeState.EXPIRED: notices.NoticeExpired,
    NoticeState.UNDELIVERED: notices.NoticeUndelivered,
    NoticeState.DELIVERED: notices.NoticeDelivered,
}


def announce(work: UnitOfWork, moved: Iterable[Intent], cause: Record | None = None) -> None:
    """Emits the event of each notice's new state. The caller holds the locks of their tickets.

    The states in between, held and submitting, are nobody's business and say nothing.
    """
    for intent in moved:
        event = EVENTS.get(intent.state)
        if event is None:
            continue
        metrics.NOTICES.labels(intent.state, intent.channel).inc()
        work.emit(
            event(
                notice_id=str(intent.notice_id),
                ticket_id=str(intent.ticket_id),
                member_id=intent.member_id,
                channel=intent.channel,
                template=intent.kind,
                template_version=intent.template_version,
                provider=intent.provider,
                contact_entries=intent.contact_entries,
                reason=intent.reason,
            ),
            key=str(intent.ticket_id),
            cause=cause or f"notice/{intent.notice_id}/{intent.state}/{intent.attempt}",
        )
