"""Receipts: posted to the customer as JSON arrays, again after 1, 5 and 10 seconds, then given up."""

import asyncio
from collections.abc import Sequence
from typing import Final

import httpx
import structlog

from deploy.carrier.journal import Journal, Sent

log = structlog.get_logger()

_MOST_AT_ONCE: Final = 100
_GATHER_SECONDS: Final = 0.05


class Receipts:
    """Posts what became of messages. ``url`` holds the customer's secret; it is never logged."""

    def __init__(self, url: str, journal: Journal, *, retry_seconds: Sequence[float]) -> None:
        self._url = url
        self._journal = journal
        self._retry_seconds = tuple(retry_seconds)
        self._waiting: asyncio.Queue[Sent] = asyncio.Queue()
        self._http = httpx.AsyncClient(timeout=5.0, trust_env=False)
        self._posting: set[asyncio.Task[None]] = set()

    def add(self, sent: Sent) -> None:
        """Reports a message with the next array."""
        self._waiting.put_nowait(sent)

    async def run(self) -> None:
        """Gathers and posts, until cancelled. A post that has to wait for its next try holds up no other."""
        while True:
            batch = [await self._waiting.get()]
            await asyncio.sleep(_GATHER_SECONDS)
            while len(batch) < _MOST_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            task = asyncio.create_task(self.post(batch))
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)

    async def post(self, batch: Sequence[Sent]) -> None:
        """Posts one array until it is acknowledged or the tries are used up."""
        body = [{"out_id": sent.out_id, "message_id": sent.message_id, "state": sent.state} for sent in batch]
        for wait in (*self._retry_seconds, None):
            if await self._acknowledged(body):
                break
            if wait is None:
                log.warning("carrier.receipts_given_up", count=len(batch))
                break
            await asyncio.sleep(wait)
        for sent in batch:
            self._journal.report(sent)

    async def close(self) -> None:
        """Stops posting; what is not acknowledged is posted again after the next start."""
        for task in self._posting:
            task.cancel()
        await asyncio.gather(*self._posting, return_exceptions=True)
        await self._http.aclose()

    async def _acknowledged(self, body: list[dict[str, str]]) -> bool:
        try:
            answer = await self._http.post(self._url, json=body)
        except httpx.HTTPError as error:
            log.info("carrier.receipts_refused", error=type(error).__name__)
            return False
        if not answer.is_success:
            log.info("carrier.receipts_refused", status=answer.status_code)
        return answer.is_success
