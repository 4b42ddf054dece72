"""The sandbox carrier over HTTP: behaves like a real provider, reaches nobody."""

import asyncio
import json
import re
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import httpx

from services.notify.domain.states import NoticeState
from services.notify.gateways.sandbox_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_request
from services.notify.gateways.sender import (
    Accepted,
    LookUpResult,
    Message,
    MessageStatus,
    NoSuchMessage,
    NotSent,
    Rejected,
    SendResult,
    Unknown,
)
from shared.contracts.vocabulary import NoticeChannel

_NOTHING_WAS_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
# What they say is published as a reason and stands in logs: a code, and never a text with an address in it.
_CODE: Final = re.compile(r"[\w.:-]{1,200}\Z")
_STATES: Final = {
    "accepted": NoticeState.ACCEPTED,
    "rejected": NoticeState.REJECTED,
    "delivered": NoticeState.DELIVERED,
    "undelivered": NoticeState.UNDELIVERED,
}


class SandboxCarrier:
    """A ``Sender`` for SMS and push. ``connections`` at a time; more wait and, past the deadline, are not sent."""

    name = "sandbox"

    def __init__(self, url: str, secret: str, *, connections: int = 64) -> None:
        self._secret = secret
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        # no proxy that the environment happens to name: it would learn who gets which message
        self._http = httpx.AsyncClient(base_url=url, limits=limits, trust_env=False)

    async def send(self, message: Message, *, at: datetime, deadline: float) -> SendResult:
        """``POST /v1/sms`` or ``/v1/push``: 202 is accepted, 429 asks to slow down, any other 4xx is a rejection."""
        body: dict[str, str] = {"out_id": str(message.out_id), "text": message.text}
        if message.channel == NoticeChannel.SMS:
            path = "/v1/sms"
            body |= {"phone": message.address, "signature": message.signature}
        else:
            path = "/v1/push"
            body |= {"token": message.address, "provider": message.push_provider, "title": message.title}
        try:
            answer = await self._request("POST", path, json.dumps(body, ensure_ascii=False).encode(), at, deadline)
        except _NOTHING_WAS_SENT as error:
            return NotSent(type(error).__name__)
        except (httpx.HTTPError, TimeoutError) as error:
            return Unknown(type(error).__name__)
        if answer.status_code == HTTPStatus.ACCEPTED:
            return Accepted(_text(answer, "message_id"))
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return NotSent("throttled")
        if answer.is_client_error:
            return Rejected(_text(answer, "code") or str(answer.status_code))
        return Unknown(f"status_{answer.status_code}")

    async def look_up(self, out_id: UUID, *, at: datetime, deadline: float) -> LookUpResult:
        """``GET /v1/messages?out_id=``: the furthest state of all messages the carrier has under this id."""
        try:
            answer = await self._request("GET", f"/v1/messages?out_id={out_id}", b"", at, deadline)
            answer.raise_for_status()
            messages: list[dict[str, Any]] = answer.json()["messages"]
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            return Unknown(type(error).__name__)
        known = [(_STATES[one["state"]], one) for one in messages if one.get("state") in _STATES]
        if not known:
            return NoSuchMessage()
        order = list(_STATES.values())
        state, one = max(known, key=lambda pair: order.index(pair[0]))
        return MessageStatus(state, _code(one.get("message_id")), _code(one.get("code")))

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _request(self, method: str, target: str, body: bytes, at: datetime, deadline: float) -> httpx.Response:
        timestamp = int(at.timestamp())
        headers = {
            "content-type": "application/json",
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: sign_request(self._secret, timestamp=timestamp, method=method, target=target, body=body),
        }
        # half of the time is left for the answer: who waits longer for a connection has certainly sent nothing
        timeout = httpx.Timeout(deadline, connect=deadline / 2, pool=deadline / 2)
        # httpx counts from byte to byte: a provider that trickles would hold the call for good
        async with asyncio.timeout(deadline):
            return await self._http.request(method, target, content=body, headers=headers, timeout=timeout)


def _text(answer: httpx.Response, name: str) -> str | None:
    try:
        value = answer.json().get(name)
    except (ValueError, AttributeError):
        return None
    return _code(value)


def _code(value: object) -> str | None:
    return value if isinstance(value, str) and _CODE.match(value) else None
