"""``POST /v1/contacts``: a contact from any system that can sign a webhook."""

import asyncio
import json
from typing import Annotated, Final

from fastapi import APIRouter, Request, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel

from services.intake.edges.credentials import Grant
from services.intake.edges.standard_webhooks import SignatureError, WebhookVerifier
from services.intake.edges.webhook_openapi import REQUEST, RESPONSES
from services.intake.rules.channels import Channels
from shared.bus.publisher import Outgoing, Publisher, partition_of
from shared.contracts import topics
from shared.contracts.contacts import ContactReceived
from shared.contracts.envelope import TRACEPARENT, Envelope, UndecodableError, decode, encode, trace_context
from shared.contracts.ids import derived_id
from shared.contracts.registry import BY_MODEL
from shared.failures import is_transient
from shared.http.body import read_body
from shared.http.problems import Problem
from shared.http.rate_limit import RateLimit, too_often
from shared.security.sealing import normalise_handle
from shared.telemetry import metrics

PATH: Final = "/v1/contacts"
SIGNED_BY: Final = APIKeyHeader(
    name="webhook-signature",
    scheme_name="StandardWebhooks",
    description="v1,<base64 of HMAC-SHA256 over webhook-id.webhook-timestamp.body>; several are separated by blanks",
    auto_error=False,
)
BUSY_SECONDS: Final = 2
_TYPE: Final = BY_MODEL[ContactReceived].name


class Accepted(BaseModel):
    """The contact is on the bus."""

    contact_id: str


def webhook_routes(
    verifier: WebhookVerifier, limit: RateLimit, channels: Channels, *, publish_seconds: float
) -> APIRouter:
    """The route. A contact is acknowledged only after Kafka has acknowledged it."""
    router = APIRouter(tags=["contacts"])

    @router.post(PATH, status_code=202, responses=RESPONSES, openapi_extra=REQUEST, summary="Hand in a contact")
    async def post_contact(request: Request, signature: Annotated[str | None, Security(SIGNED_BY)]) -> Accepted:
        try:
            _check_headers(verifier, request, signature)
            body = await read_body(request, topics.MAX_VALUE_BYTES)
            # Before a word of the body is read as JSON: an unsigned one is not worth the work.
            grant = _check_signature(verifier, request, signature, body)
            contact = _read_contact(body, grant)
            _check_rate(limit, contact.channel, channels)
            publisher: Publisher = request.app.state.running.publisher
            await _publish(publisher, _outgoing(contact, request), publish_seconds)
        except Problem as problem:
            metrics.HTTP_REQUESTS.labels(PATH, problem.status).inc()
            raise
        metrics.HTTP_REQUESTS.labels(PATH, 202).inc()
        return Accepted(contact_id=contact.contact_id)

    return router


def _check_headers(verifier: WebhookVerifier, request: Request, signature: str | None) -> None:
    """Before the body is read, so that nobody makes us hold one who does not even claim to have signed it."""
    try:
        verifier.check_headers(request.headers.get("webhook-id"), request.headers.get("webhook-timestamp"), signature)
    except SignatureError as error:
        raise _unsigned(error) from None


def _check_signature(verifier: WebhookVerifier, request: Request, signature: str | None, body: bytes) -> Grant:
    try:
        return verifier.verify(
            request.headers.get("webhook-id"), request.headers.get("webhook-timestamp"), signature, body
        )
    except SignatureError as error:
        raise _unsigned(error) from None


def _unsigned(error: SignatureError) -> Problem:
    return Problem(401, "Unauthorized", str(error), headers={"www-authenticate": "StandardWebhooks"})


def _read_contact(body: bytes, grant: Grant) -> ContactReceived:
    try:
        decoded = decode(topics.CONTACT.name, [("ce_type", _TYPE.encode())], _filled_in(body, grant), fallback_id=PATH)
    except UndecodableError as error:
        raise Problem(422, "Unprocessable Content", str(error)) from None
    assert isinstance(decoded.event, ContactReceived)
    channel = decoded.event.channel
    if not grant.allows(channel):
        raise Problem(403, "Forbidden", f"the secret this was signed with does not speak for the channel {channel!r}")
    return decoded.event


def _filled_in(body: bytes, grant: Grant) -> bytes:
    """With the channel it left out, where its signer has but one."""
    if grant.only is None:
        return body
    try:
        contact = json.loads(body)
    except (ValueError, RecursionError):
        return body  # the decoder says what is wrong with it
    if not isinstance(contact, dict) or "channel" in contact:
        return body
    return json.dumps({**contact, "channel": grant.only}).encode()


def _check_rate(limit: RateLimit, channel: str, channels: Channels) -> None:
    # Names nobody configured share one bucket, so that inventing names is no way around it.
    if seconds := limit.wait(channels.label(channel)):
        raise too_often(seconds, f"the channel {channel!r} posts too fast; try again after {seconds} s")


def _outgoing(contact: ContactReceived, request: Request) -> Outgoing:
    sender = contact.sender
    envelope = Envelope(
        # From the id of the message: one that is sent again is the same event.
        id=str(derived_id(f"webhook/{request.headers['webhook-id']}", contact.contact_id, contact.received_at)),
        source="/kefu/intake",
        type=_TYPE,
        time=contact.received_at,
        subject=contact.contact_id,
        traceparent=trace_context(request.headers.get(TRACEPARENT)),
    )
    key = f"{contact.channel}:{normalise_handle(sender.kind, sender.value)}".encode()
    value = encode(contact)
    if len(value) > topics.MAX_VALUE_BYTES:
        # thousands of small items grow when what they leave out is spelled; nobody would read it from the bus
        most = topics.MAX_VALUE_BYTES
        raise Problem(413, "Content Too Large", f"the contact has {len(value):,} bytes in full; at most {most:,}")
    return Outgoing(topics.CONTACT.name, partition_of(key), key, value, tuple(envelope.headers()))


async def _publish(publisher: Publisher, record: Outgoing, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await publisher.publish([record])
    except Exception as error:
        if not is_transient(error):
            raise
        detail = "the contact may not have reached the bus; send the same one again, a repeat changes nothing"
        raise Problem(503, "Service Unavailable", detail, headers={"retry-after": str(BUSY_SECONDS)}) from error
