"""What can be done with a record before its transaction: pure work, in a thread, so that nothing waits for it.

A transaction holds locks, and the event loop holds the heartbeats; neither may wait for a long text to be read. The
thread shares the interpreter with the event loop, which is given way to within a millisecond (see `give_way`). A second
process would use a second core, and cost as much memory as the service itself.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from shared.bus.record import Record
from shared.contracts.model import Fact

F = TypeVar("F", bound=Fact)

SECONDS: Final = 2.0
"""After so long the records that are ready are handled, before the rest is prepared."""


@dataclass(frozen=True, slots=True)
class Prepare(Generic[F]):
    """``work`` is done with every record that carries a ``model``: pure, with the record, its event and the time.

    The handler finds what it returned with `Batch.prepared`. The time is the database's, as far as it is known here
    (to some milliseconds); the transaction has one of its own, a little later. What ``work`` raises costs the record.
    """

    model: type[F]
    work: Callable[[Record, F, datetime], object]

    def __call__(self, record: Record, now: datetime) -> object:
        """What is prepared for this record; None when nothing is."""
        return self.work(record, record.event, now) if isinstance(record.event, self.model) else None


@dataclass(frozen=True, slots=True)
class Failed:
    """What came of a record that could not be prepared."""

    error: Exception


class Preparation:
    """Prepares the records of a batch, each once however often their transaction is tried."""

    def __init__(self, prepare: Prepare[Any] | None) -> None:
        self._prepare = prepare
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prepare")
        self._results: dict[str, object] = {}

    def forget(self) -> None:
        """The batch is over."""
        self._results = {}

    def wants(self, records: Sequence[Record]) -> bool:
        """Whether any of these has something to be prepared that is not yet."""
        return any(self._is_for(record) for record in records)

    async def of(self, records: Sequence[Record], now: datetime) -> int:
        """Prepares these in order. Returns how many, from the first, are ready: all, or as many as time allows."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work_through, records, now)

    def result(self, record: Record) -> object:
        """What was prepared for this record; None where nothing is. Raises what was raised."""
        result = self._results.get(record.name)
        if isinstance(result, Failed):
            raise result.error
        return result

    def _is_for(self, record: Record) -> bool:
        prepare = self._prepare
        return prepare is not None and isinstance(record.event, prepare.model) and record.name not in self._results

    def _work_through(self, records: Sequence[Record], now: datetime) -> int:
        until = time.monotonic() + SECONDS
        for count, record in enumerate(records):
            if not self._is_for(record):
                continue
            if count and time.monotonic() > until:
                return count
            assert self._prepare is not None
            try:
                self._results[record.name] = self._prepare(record, now)
            except Exception as error:
                self._results[record.name] = Failed(error)
        return len(records)


def give_way() -> None:
    """From here on, in this process, a thread that computes lets the event loop in after a millisecond."""
    sys.setswitchinterval(0.001)
