"""The worker: claims due notices, then calls the providers outside of any transaction, then writes down the outcome.

A notice is handed over only by the process that committed ``submitting`` for that attempt. Dying anywhere leaves a row
that says so: it becomes in doubt and is asked for, never simply sent again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from services.notify.domain.rendering import NOT_THE_TEMPLATE
from services.notify.domain.submitting import NoticePolicy
from services.notify.domain.wording import Worded, is_worded
from services.notify.gateways.sender import NotSent, Rejected, Sender, SendResult
from services.notify.use_cases.dispatch.claim import ANSWER_MARGIN, Claims, Job
from services.notify.use_cases.dispatch.outcome import evidence_of, put_back, record_look_up
from services.notify.use_cases.evidence_batcher import EvidenceBatcher
from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.retry import Backoff, retry
from shared.telemetry import metrics

log = structlog.get_logger()

_BOOKKEEPING_SECONDS: Final = 60.0
"""How long an outcome is tried to be written down once that failed; after that the notice gets asked for."""


class Dispatcher:
    """Sends and follows up what is due. ``senders`` by name; at most ``calls`` calls at a time.

    One slow call holds up no other: the loop goes on claiming while calls are under way.
    """

    def __init__(self, claims: Claims, senders: Mapping[str, Sender], batcher: EvidenceBatcher, *, calls: int) -> None:
        self._claims = claims
        self._senders = senders
        self._batcher = batcher
        self._calls = calls
        self._under_way: set[asyncio.Task[None]] = set()
        self._claiming: asyncio.Task[bool] | None = None

    async def step(self, transactions: Transactions) -> bool:
        """One round: claims as many due notices as there is room for calls. True: come back at once."""
        room = self._calls - len(self._under_way)
        if room <= 0:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            return True
        self._claiming = asyncio.create_task(self._claim(transactions, room))
        # a stopping service must not commit a claim and then make none of its calls
        return await asyncio.shield(self._claiming)

    async def drain(self) -> None:
        """Waits for the calls under way, so that stopping leaves nothing in doubt, then closes the connections."""
        if self._claiming is not None:
            await asyncio.wait({self._claiming}, timeout=self._claims.call_seconds)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._claims.call_seconds + 2)
        for sender in self._senders.values():
            await sender.close()

    async def _claim(self, transactions: Transactions, room: int) -> bool:
        started = time.monotonic()
        async with transactions.begin() as work:
            claimed = await self._claims.take(work, room)
        for job in claimed.jobs:
            task = asyncio.create_task(self._carry_out(transactions, job, started))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return claimed.more

    async def _carry_out(self, transactions: Transactions, job: Job, started: float) -> None:
        try:
            write = await self._call(transactions, job, started)
            # bookkeeping is repeated, the call never is: recording twice is recording once
            await retry(write, "notice.write_later", Backoff(seconds=_BOOKKEEPING_SECONDS))
        except Exception as error:
            # the row says what was under way; it is asked for when its time is over
            log.exception("notice.call_failed", notice_id=str(job.intent.notice_id), error=f"{type(error).__name__}")

    async def _call(self, transactions: Transactions, job: Job, started: float) -> Callable[[], Awaitable[object]]:
        """Makes the call; returns how to write down what came of it."""
        if job.message is None:
            sender = self._senders[job.intent.provider or ""]
            found = await sender.look_up(job.intent.notice_id, at=job.claimed_at, deadline=self._claims.call_seconds)
            return lambda: _in_a_transaction(
                transactions, lambda work: record_look_up(work, job, found, self._claims.rules)
            )
        answer = await self._send(job, started)
        if isinstance(answer, NotSent):
            return lambda: _in_a_transaction(transactions, lambda work: put_back(work, job, self._claims.rules))
        return lambda: self._batcher.record(transactions, [evidence_of(job, answer)])

    async def _send(self, job: Job, started: float) -> SendResult:
        assert job.message is not None
        sender = self._senders[job.intent.provider or ""]
        # a process that was stopped since its claim must not send what others hold for lost by now
        if time.monotonic() - started > ANSWER_MARGIN.total_seconds() / 2:
            return NotSent("claimed_too_long_ago")
        if not is_as_rendered(job, self._claims.rules.policy):
            # whoever changed it did so inside of this process, and nobody but a person finds out how
            log.critical("notice.not_the_template", notice_id=str(job.intent.notice_id), template=job.intent.kind)
            return Rejected(NOT_THE_TEMPLATE)
        begun = time.perf_counter()
        answer = await sender.send(job.message, at=job.claimed_at, deadline=self._claims.call_seconds)
        seconds = time.perf_counter() - begun
        metrics.NOTICE_CALL_SECONDS.labels(sender.name, type(answer).__name__.lower()).observe(seconds)
        return answer


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


async def _in_a_transaction(transactions: Transactions, record: Callable[[UnitOfWork], Awaitable[None]]) -> None:
    async with transactions.begin() as work:
        await record(work)
