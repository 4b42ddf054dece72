"""What became of a call to a provider, written down. Recording the same outcome twice changes nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.notify.domain.intent import Intent
from services.notify.domain.states import NoticeState
from services.notify.domain.ticket import Ticket
from services.notify.gateways.sender import Accepted, LookUpResult, MessageStatus, NoSuchMessage, Rejected, Unknown
from services.notify.rules.rule_files import NotifyRules
from services.notify.store import intents as intent_store
from services.notify.store.tickets import lock_tickets
from services.notify.use_cases.announce import announce
from services.notify.use_cases.dispatch.claim import Job
from services.notify.use_cases.record_evidence import Evidence, record_evidence
from shared.bus.unit_of_work import UnitOfWork

_RETRY: Final = timedelta(seconds=2)
"""Before an attempt that did not happen is made again."""


def evidence_of(job: Job, answer: Accepted | Rejected | Unknown) -> Evidence:
    """What the answer to an attempt to send says."""
    match answer:
        case Accepted():
            return _evidence(job, NoticeState.ACCEPTED, answer.message_id, None)
        case Rejected():
            return _evidence(job, NoticeState.REJECTED, None, answer.code)
        case Unknown():
            return _evidence(job, NoticeState.IN_DOUBT, None, answer.reason)


async def put_back(work: UnitOfWork, job: Job, rules: NotifyRules) -> None:
    """The attempt did not happen, for certain."""
    intent, _ = await _as_it_is(work, job)
    if intent is not None and intent.state is NoticeState.SUBMITTING:
        await intent_store.save(work.connection, [rules.follow_up.put_back(intent, retry_at=work.now + _RETRY)])


async def record_look_up(work: UnitOfWork, job: Job, found: LookUpResult, rules: NotifyRules) -> None:
    """What the provider said when it was asked about a notice."""
    if isinstance(found, MessageStatus):
        await record_evidence(work, [_evidence(job, found.state, found.message_id, found.code)], rules.follow_up)
    intent, ticket = await _as_it_is(work, job)
    if intent is None or ticket is None or intent.state is not job.intent.state:
        return
    follow_up = rules.follow_up
    if intent.state is not NoticeState.IN_DOUBT or isinstance(found, MessageStatus):
        moved = replace(intent, due_at=follow_up.next_poll_at(intent, work.now))
    elif isinstance(found, NoSuchMessage):
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


def _evidence(job: Job, state: NoticeState, message_id: str | None, reason: str | None) -> Evidence:
    return Evidence(job.intent.notice_id, state, job.intent.provider or "", message_id, reason)
