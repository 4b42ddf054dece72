"""What became of a call to a provider, written down. Recording the same outcome twice changes nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.notify.domain.intent import Intent
from services.notify.domain.states import NoticeState
from services.notify.domain.ticket import Ticket
from services.notify.gateways.sender import Accepted, MessageStatus, NoSuchMessage, Rejected, Unknown
from services.notify.rules.rule_files import NotifyRules
from services.notify.store import intents as intent_store
from services.notify.store.tickets import lock_tickets
from services.notify.use_cases.announce import announce
from services.notify.use_cases.dispatch.claim import Job
from services.notify.use_cases.record_evidence import Evidence
from shared.bus.unit_of_work import UnitOfWork

_RETRY: Final = timedelta(seconds=2)
"""Before an attempt that did not happen is made again: a provider that asks to slow down means seconds, and a notice is
of use for minutes."""


def evidence_of(job: Job, answer: Accepted | Rejected | Unknown | MessageStatus) -> Evidence:
    """What the answer says of the notice, be it to an attempt to send or to a look-up."""
    notice_id, provider = job.intent.notice_id, job.intent.provider or ""
    match answer:
        case Accepted():
            return Evidence(notice_id, NoticeState.ACCEPTED, provider, answer.message_id, None)
        case Rejected():
            return Evidence(notice_id, NoticeState.REJECTED, provider, None, answer.code)
        case Unknown():
            return Evidence(notice_id, NoticeState.IN_DOUBT, provider, None, answer.reason)
        case MessageStatus():
            return Evidence(notice_id, answer.state, provider, answer.message_id, answer.code)


async def put_back(work: UnitOfWork, job: Job, rules: NotifyRules) -> None:
    """The attempt did not happen, for certain."""
    intent, _ = await _as_it_is(work, job)
    if intent is not None and intent.state is NoticeState.SUBMITTING:
        await intent_store.save(work.connection, [rules.follow_up.put_back(intent, retry_at=work.now + _RETRY)])


async def record_no_trace(work: UnitOfWork, job: Job, answer: NoSuchMessage | Unknown, rules: NotifyRules) -> None:
    """The provider was asked about the notice and showed no trace of it, be it that it has none or did not say."""
    intent, ticket = await _as_it_is(work, job)
    # a receipt that came meanwhile knows more than this answer, and has said when to ask next
    if intent is None or ticket is None or intent.state is not job.intent.state:
        return
    follow_up = rules.follow_up
    if intent.state is not NoticeState.IN_DOUBT:
        # it was accepted before: a query API that has lost it by now takes nothing back
        moved = replace(intent, due_at=follow_up.next_poll_at(intent, work.now))
    elif isinstance(answer, NoSuchMessage):
        resend, newest = rules.policy.kinds[intent.kind].resend, ticket.version == intent.version
        moved = follow_up.not_found(intent, resend=resend, newest=newest, asked_at=job.claimed_at)
    else:
        moved = follow_up.not_answered(intent, asked_at=job.claimed_at, now=work.now)
    await intent_store.save(work.connection, [moved])
    if moved.state is not intent.state:
        announce(work, [moved])


async def _as_it_is(work: UnitOfWork, job: Job) -> tuple[Intent | None, Ticket | None]:
    """The notice and its ticket, locked; no notice when another attempt has begun since."""
    notice_id, ticket_id = job.intent.notice_id, job.intent.ticket_id
    tickets = await lock_tickets(work.connection, [ticket_id])
    intent = (await intent_store.by_id(work.connection, [notice_id])).get(notice_id)
    if intent is not None and intent.attempt != job.intent.attempt:
        intent = None
    return intent, tickets.get(ticket_id)
