"""The call to a provider, outside of any transaction, and then its outcome, written down."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from services.notify.domain.rendering import NOT_THE_TEMPLATE
from services.notify.domain.submitting import NoticePolicy
from services.notify.domain.wording import Worded, is_worded
from services.notify.gateways.sender import (
    Accepted,
    LookUpResult,
    Message,
    MessageStatus,
    NoSuchMessage,
    NotSent,
    Rejected,
    Sender,
    SendResult,
    Unknown,
)
from services.notify.rules.rule_files import NotifyRules
from services.notify.use_cases.dispatch.claim import ANSWER_MARGIN, Job
from services.notify.use_cases.dispatch.outcome import evidence_of, put_back, record_no_trace
from services.notify.use_cases.evidence_batcher import EvidenceBatcher
from shared.bus.transactions import Transactions
from shared.retry import Backoff, retry
from shared.telemetry import metrics

log = structlog.get_logger()

_LONGEST_SINCE_CLAIM: Final = ANSWER_MARGIN / 2
"""After its claim a call may begin. Others take its notice over one deadline and ``ANSWER_MARGIN`` after the claim, so
half of the margin for a late beginning leaves the other half for what the answer takes to be committed."""

_BOOKKEEPING_SECONDS: Final = 60.0
"""How long an outcome is tried to be written down once that failed; after that the notice gets asked for."""


@dataclass(frozen=True, slots=True)
class ProviderCalls:
    """Makes the calls that were claimed. ``senders`` by name; each answers within ``seconds``."""

    senders: Mapping[str, Sender]
    batcher: EvidenceBatcher
    rules: NotifyRules
    seconds: float

    async def carry_out(self, transactions: Transactions, job: Job, claimed: float) -> None:
        """One call and what came of it. ``claimed``: when the claim began, on the monotonic clock. Never raises."""
        try:
            answer = await self._answer(job, claimed)
            # bookkeeping is repeated, the call never is: recording twice is recording once
            await retry(
                lambda: self._write_down(transactions, job, answer),
                "notice.write_later",
                Backoff(seconds=_BOOKKEEPING_SECONDS),
            )
        except Exception as error:
            # the row says what was under way; it is asked for when its time is over
            log.exception("notice.call_failed", notice_id=str(job.intent.notice_id), error=f"{type(error).__name__}")

    async def close(self) -> None:
        """Gives the connections to the providers back."""
        for sender in self.senders.values():
            await sender.close()

    async def _answer(self, job: Job, claimed: float) -> SendResult | LookUpResult:
        sender = self.senders[job.intent.provider or ""]
        if job.message is None:
            return await sender.look_up(job.intent.notice_id, at=job.claimed_at, deadline=self.seconds)
        return await self._send(sender, job, job.message, claimed)

    async def _send(self, sender: Sender, job: Job, message: Message, claimed: float) -> SendResult:
        # a process that was stopped since its claim must not send what others hold for lost by now
        if time.monotonic() - claimed > _LONGEST_SINCE_CLAIM.total_seconds():
            return NotSent("claimed_too_long_ago")
        if not is_as_rendered(job, self.rules.policy):
            # whoever changed it did so inside of this process, and nobody but a person finds out how
            log.critical("notice.not_the_template", notice_id=str(job.intent.notice_id), template=job.intent.kind)
            return Rejected(NOT_THE_TEMPLATE)
        begun = time.perf_counter()
        result = await sender.send(message, at=job.claimed_at, deadline=self.seconds)
        seconds = time.perf_counter() - begun
        metrics.NOTICE_CALL_SECONDS.labels(sender.name, type(result).__name__.lower()).observe(seconds)
        return result

    async def _write_down(self, transactions: Transactions, job: Job, answer: SendResult | LookUpResult) -> None:
        match answer:
            case NotSent():
                async with transactions.begin() as work:
                    await put_back(work, job, self.rules)
            case NoSuchMessage():
                async with transactions.begin() as work:
                    await record_no_trace(work, job, answer, self.rules)
            case Unknown() if job.message is None:
                async with transactions.begin() as work:
                    await record_no_trace(work, job, answer, self.rules)
            case Accepted() | Rejected() | Unknown() | MessageStatus():
                await self.batcher.record(transactions, [evidence_of(job, answer)])


def is_as_rendered(job: Job, policy: NoticePolicy) -> bool:
    """Whether what is about to be sent is the template of the version the notice says, and not a character more.

    The words of that version are those whose hash was committed with the intent.
    """
    message, rendered, intent = job.message, job.rendered, job.intent
    if message is None or rendered is None:
        return False
    catalogue = policy.catalogues.of(rendered.text_name.locale)
    if catalogue.templates[intent.kind].version != intent.template_version:
        return False
    if catalogue.text_hash(intent.kind) != intent.text_hash:
        return False
    worded = Worded(message.title, message.text, message.signature, rendered.worded.spans, intent.contact_entries)
    return is_worded(worded, intent.kind, message.channel, catalogue, policy.directory)
