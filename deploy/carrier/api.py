"""The carrier's API: take a message, ask about one, and look at the handsets."""

import asyncio
import hmac
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from deploy.carrier.behaviour import Behaviour, Rules
from deploy.carrier.journal import Journal
from deploy.carrier.network import Network
from services.notify.gateways.sandbox_signature import FRESH_SECONDS, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_request

_OutId = Annotated[str, StringConstraints(min_length=1, max_length=256)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]

_SLOW_SECONDS: Final = 2.0
_THROTTLED: Final = "throttled"


class Sms(BaseModel):
    """A request to send an SMS. The carrier puts 【signature】 in front of the text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    out_id: _OutId
    phone: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
    signature: Annotated[str, StringConstraints(min_length=2, max_length=12)]
    text: _Text


class Push(BaseModel):
    """A request to push to a device."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    out_id: _OutId
    token: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    provider: str
    title: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    text: _Text


@dataclass
class Carrier:
    """The carrier's parts, as its API needs them."""

    secret: str
    rules: Rules
    journal: Journal
    network: Network
    query_lag_seconds: float
    hang_seconds: float
    throttled: set[str] = field(default_factory=set)

    async def take(self, *, out_id: str, channel: str, address: str) -> Response:
        """Takes a message, or does what its address asks for."""
        behaviour = self.rules.of(address)
        match behaviour:
            case Behaviour.REJECT:
                return _refusal(400, "number_invalid")
            case Behaviour.FAIL:
                return _refusal(502, "upstream_failed")
            case Behaviour.REFUSE_THEN_HANG:
                return await self._hang()
            case Behaviour.THROTTLE if out_id not in self.throttled:
                self.throttled.add(out_id)
                return _refusal(429, _THROTTLED)
            case _:
                sent = self.journal.take(out_id=out_id, channel=channel, behaviour=behaviour)
        if behaviour is Behaviour.RECEIPT_FIRST:
            await self.network.arrive_now(sent)
        else:
            self.network.start(sent)
        if behaviour is Behaviour.ACCEPT_THEN_HANG:
            return await self._hang()
        if behaviour is Behaviour.SEND_THEN_FAIL:
            return _refusal(502, "upstream_failed")
        if behaviour is Behaviour.SLOW:
            await asyncio.sleep(_SLOW_SECONDS)
        return JSONResponse({"message_id": sent.message_id}, 202)

    async def _hang(self) -> Response:
        await asyncio.sleep(self.hang_seconds)
        return _refusal(504, "timed_out")


def carrier_routes(carrier: Carrier) -> APIRouter:
    """The routes for customers, all signed but the handset's, which is for people and tests."""
    router = APIRouter()

    @router.post("/v1/sms")
    async def sms(request: Request) -> Response:
        async def take(body: bytes) -> Response:
            message = Sms.model_validate_json(body)
            return await carrier.take(out_id=message.out_id, channel="sms", address=message.phone)

        return await _signed(carrier, request, take)

    @router.post("/v1/push")
    async def push(request: Request) -> Response:
        async def take(body: bytes) -> Response:
            message = Push.model_validate_json(body)
            return await carrier.take(out_id=message.out_id, channel="push", address=message.token)

        return await _signed(carrier, request, take)

    @router.get("/v1/messages")
    async def messages(request: Request, out_id: str) -> Response:
        async def find(_: bytes) -> Response:
            visible_until = time.time() - carrier.query_lag_seconds
            found = [sent for sent in carrier.journal.of(out_id) if sent.taken_at <= visible_until]
            return JSONResponse({"messages": [{"message_id": one.message_id, "state": one.state} for one in found]})

        return await _signed(carrier, request, find)

    @router.get("/v1/handset")
    async def handset(out_id: str | None = None) -> dict[str, Any]:
        counts = carrier.journal.handset
        if out_id is not None:
            return {"out_id": out_id, "count": counts[out_id]}
        total, distinct = counts.total(), len(counts)
        return {"total": total, "distinct": distinct, "duplicates": total - distinct, "counts": dict(counts)}

    return router


async def _signed(carrier: Carrier, request: Request, then: Callable[[bytes], Awaitable[Response]]) -> Response:
    body = await request.body()
    stamp = request.headers.get(TIMESTAMP_HEADER, "")
    if not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(time.time() - int(stamp)) > FRESH_SECONDS:
        return _refusal(401, "timestamp_not_fresh")
    query = f"?{request.url.query}" if request.url.query else ""
    expected = sign_request(
        carrier.secret, timestamp=int(stamp), method=request.method, target=request.url.path + query, body=body
    )
    if not hmac.compare_digest(expected, request.headers.get(SIGNATURE_HEADER, "")):
        return _refusal(401, "signature_wrong")
    try:
        return await then(body)
    except ValidationError as error:
        # what was sent is not repeated: it holds an address
        fields = sorted({str(one["loc"][0]) if one["loc"] else "body" for one in error.errors()})
        return _refusal(422, "malformed", fields)


def _refusal(status: int, code: str, fields: list[str] | None = None) -> Response:
    return JSONResponse({"code": code, **({"fields": fields} if fields else {})}, status)
