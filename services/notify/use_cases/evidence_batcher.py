"""Evidence is written down together: what is said while one transaction runs is written by the next, all of it at once.

Under load the answers of providers and their receipts come by the hundred a second; each in a transaction of its own
costs a commit, a publication and the locks of a ticket apiece.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.notify.domain.following import Following
from services.notify.use_cases.record_evidence import Evidence, record_evidence
from shared.bus.transactions import Transactions
from shared.failures import is_transient

MOST_TOGETHER: Final = 100
"""Callers whose evidence is committed together; a receipt's request may bring a thousand pieces of it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one caller wants to have written down, and where it waits for how many of it spoke of known notices."""

    said: tuple[Evidence, ...]
    known: asyncio.Future[int]


class Bookkeeper:
    """Writes down what providers say, for all callers of this process."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self._waiting: list[_Entry] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, transactions: Transactions, said: Sequence[Evidence]) -> int:
        """Returns, once it is committed, how many spoke of notices of that provider. See ``record_evidence``.

        Raises what its transaction raised: then nothing is written, and it may be written again.
        """
        entry = _Entry(tuple(said), asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(transactions))
        return await entry.known

    async def _write_all(self, transactions: Transactions) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            await self._write_together(transactions, together)

    async def _write_together(self, transactions: Transactions, entries: Sequence[_Entry]) -> None:
        said = [one for entry in entries for one in entry.said]
        try:
            async with transactions.begin() as work:
                known = iter(await record_evidence(work, said, self._following))
        except Exception as error:
            if len(entries) > 1 and not is_transient(error):  # one of them spoils it for all: which?
                for entry in entries:
                    await self._write_together(transactions, [entry])
                return
            for entry in entries:
                if not entry.known.done():  # its caller may have gone away
                    entry.known.set_exception(error)
        else:
            for entry in entries:
                count = sum(next(known) for _ in entry.said)
                if not entry.known.done():
                    entry.known.set_result(count)
