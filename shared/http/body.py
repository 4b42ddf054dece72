"""The body of a request: no more of it than its route takes, within a time, and of all requests together in bounds.

The guard stands before every route. One that says nothing gets a small body; ``read_body`` takes a larger one.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from shared.http.problems import Problem
from shared.telemetry import metrics

SMALL: Final = 16 * 1024
"""Bytes of a body whose route has not said that it takes more."""

MOST_HELD: Final = 64 * 1024 * 1024
"""Bytes of all bodies that are being read or handled at a time, in one process."""

_PATIENCE: Final = 8
_READING: Final = "kefu.body"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


async def read_body(request: Request, most: int) -> bytes:
    """The body. Raises Problem (413) when it has more than ``most`` bytes, declared or not.

    What is too much is read and forgotten for a while, since most clients look at the answer only after they have sent
    everything; a sender without end is cut off.
    """
    reading = request.scope.get(_READING)
    if reading is None:
        raise RuntimeError("there is no BodyGuard before this route")
    reading.most = most
    return await request.body()


@dataclass(slots=True)
class _Reading:
    """How far the body of one request is. Once it is refused, the refusal is the answer, whatever the route says."""

    ends_at: float
    most: int = SMALL
    read: int = 0
    held: int = 0
    complete: bool = False
    refusal: Problem | None = None
    answered: bool = False

    def refuse(self, status: int, title: str, detail: str) -> Problem:
        # what may still be on its way is not read, so the connection cannot be used again
        self.refusal = Problem(status, title, detail, headers={"connection": "close"})
        return self.refusal


class BodyGuard:
    """ASGI middleware. ``seconds``: how long the body of a request may take to arrive."""

    def __init__(self, app: App, *, seconds: float, most_held: int = MOST_HELD) -> None:
        self._app = app
        self._seconds = seconds
        self._most_held = most_held
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, with a body that keeps within bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reading = _Reading(ends_at=asyncio.get_running_loop().time() + self._seconds)

        async def next_part() -> Message:
            return await self._next_part(reading, receive)

        async def answer(message: Message) -> None:
            if reading.refusal is None or reading.answered:
                reading.answered = True
                await send(message)

        try:
            await self._app({**scope, _READING: reading}, next_part, answer)
        except Exception:
            if reading.refusal is None or reading.answered:
                raise
        finally:
            self._held -= reading.held
        if reading.refusal is not None and not reading.answered:
            metrics.HTTP_CUT_OFF.labels(str(reading.refusal.status)).inc()
            await reading.refusal.response()(scope, receive, send)

    async def _next_part(self, reading: _Reading, receive: Receive) -> Message:
        if reading.complete:
            return await receive()  # the next thing to hear is that the client has gone
        while True:
            try:
                async with asyncio.timeout_at(reading.ends_at):
                    message = await receive()
            except TimeoutError:
                told = f"the body did not arrive within {self._seconds:g} s"
                raise reading.refuse(408, "Request Timeout", told) from None
            if message["type"] != "http.request":
                return message
            part = len(message.get("body", b""))
            reading.read += part
            reading.complete = not message.get("more_body", False)
            if reading.read <= reading.most:
                reading.held += part
                self._held += part
                if self._held > self._most_held:
                    raise reading.refuse(503, "Service Unavailable", "too many bodies at a time; send it again")
                return message
            if reading.complete or reading.read > _PATIENCE * reading.most:
                raise reading.refuse(413, "Content Too Large", f"the body may have {reading.most:,} bytes")
