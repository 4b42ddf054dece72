"""Evidence is recorded in batches: what comes while one transaction runs is recorded by the next, all of it at once.

Under load the answers of providers and their receipts come by the hundred a second; each in a transaction of its own
costs a commit, a publication and the locks of a ticket apiece.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.notify.domain.follow_up import FollowUpPolicy
from services.notify.use_cases.record_evidence import Evidence, record_evidence
from shared.bus.transactions import Transactions
from shared.failures import is_transient

MOST_TOGETHER: Final = 100
"""Callers whose evidence is committed together; a receipt's request may bring a thousand pieces of it."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What one caller wants to have recorded, and where it waits for how many pieces spoke of known notices."""

    evidence: tuple[Evidence, ...]
    known: asyncio.Future[int]


class EvidenceBatcher:
    """Records what providers say, for all callers of this process."""

    def __init__(self, follow_up: FollowUpPolicy) -> None:
        self._follow_up = follow_up
        self._waiting: list[_Waiting] = []
        self._recording: asyncio.Task[None] | None = None

    async def record(self, transactions: Transactions, evidence: Sequence[Evidence]) -> int:
        """Returns, once it is committed, how many spoke of notices of that provider. See ``record_evidence``.

        Raises what its transaction raised: then nothing is recorded, and it may be given again.
        """
        caller = _Waiting(tuple(evidence), asyncio.get_running_loop().create_future())
        self._waiting.append(caller)
        # a task of its own: a caller that is cancelled must not take along what it would have recorded for others
        if self._recording is None or self._recording.done():
            self._recording = asyncio.create_task(self._record_all(transactions))
        return await caller.known

    async def _record_all(self, transactions: Transactions) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            await self._record_batch(transactions, batch)

    async def _record_batch(self, transactions: Transactions, callers: Sequence[_Waiting]) -> None:
        evidence = [piece for caller in callers for piece in caller.evidence]
        try:
            async with transactions.begin() as work:
                known = iter(await record_evidence(work, evidence, self._follow_up))
        except Exception as error:
            if len(callers) > 1 and not is_transient(error):  # one of them spoils it for all: which?
                for caller in callers:
                    await self._record_batch(transactions, [caller])
                return
            for caller in callers:
                if not caller.known.done():  # who waited for it may have gone away
                    caller.known.set_exception(error)
        else:
            for caller in callers:
                # counted for those who left as well: it moves on to the answers of the next
                count = sum(next(known) for _ in caller.evidence)
                if not caller.known.done():
                    caller.known.set_result(count)
