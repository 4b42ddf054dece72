"""``POST /v1/contacts``, from the request to what is put on the bus."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from aiokafka.errors import KafkaConnectionError
from fastapi import FastAPI

from services.intake.domain.channel_rules import ChannelRules
from services.intake.edges.credentials import key_of, read_credentials
from services.intake.edges.standard_webhooks import WebhookVerifier, sign
from services.intake.edges.webhook import PATH, webhook_routes
from services.intake.rules.channels import Channels
from shared.bus.publisher import Outgoing, partition_of
from shared.contracts import topics
from shared.contracts.contacts import ContactReceived
from shared.contracts.envelope import decode
from shared.http.body import BodyGuard
from shared.http.problems import install_problem_documents
from shared.http.rate_limit import Allowance, RateLimit

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CONTACT: dict[str, Any] = {
    "contact_id": "c-1",
    "channel": "phone",
    "received_at": "2026-11-22T12:00:00+08:00",
    "sender": {"kind": "phone", "value": "139 0000 0000"},
    "text": "充值没到账",
}
CHANNELS = Channels(channels={"kiosk": ChannelRules()})


class RecordingPublisher:
    """Keeps what it was given, or fails, or hangs."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []
        self.fails_with: Exception | None = None
        self.hangs = False

    async def publish(self, records: Sequence[Outgoing]) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails_with:
            raise self.fails_with
        self.records += records

    async def close(self) -> None: ...


@pytest.fixture
def publisher() -> RecordingPublisher:
    """The bus, as the edge sees it."""
    return RecordingPublisher()


@asynccontextmanager
async def intake_http(
    publisher: RecordingPublisher, verifier: WebhookVerifier, *, channels: Channels, burst: int
) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP side of intake, without a network."""
    app = FastAPI()
    install_problem_documents(app)
    app.add_middleware(BodyGuard, seconds=10.0)
    limit = RateLimit(Allowance(1.0, burst), clock=lambda: 0.0)
    app.include_router(webhook_routes(verifier, limit, channels, publish_seconds=0.05))
    app.state.running = SimpleNamespace(publisher=publisher)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as one:
        yield one


@pytest.fixture
async def client(publisher: RecordingPublisher) -> AsyncIterator[httpx.AsyncClient]:
    """Intake with one secret for every channel."""
    verifier = WebhookVerifier(read_credentials("", SECRET))
    async with intake_http(publisher, verifier, channels=CHANNELS, burst=3) as one:
        yield one


def signed(body: bytes, message_id: str = "msg-1", secret: str = SECRET) -> dict[str, str]:
    """The headers of an honest sender."""
    now = int(time.time())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(key_of(secret), message_id, now, body),
        "content-type": "application/json",
    }


async def post(client: httpx.AsyncClient, contact: Any = CONTACT, **headers: str) -> httpx.Response:
    """Posts a contact, signed."""
    body = contact if isinstance(contact, bytes) else json.dumps(contact).encode()
    return await client.post(PATH, content=body, headers=signed(body) | headers)


def assert_problem(answer: httpx.Response, status: int, detail: str) -> None:
    """The answer is a problem document that says what is wrong."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert detail in answer.json()["detail"]


async def test_a_signed_contact_is_on_the_bus_before_the_answer(
    client: httpx.AsyncClient, publisher: RecordingPublisher
) -> None:
    """The answer names the contact, which lies where the contract says, readable by the contract's decoder."""
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = await post(client, traceparent=traceparent)
    assert (answer.status_code, answer.json()) == (202, {"contact_id": "c-1"})
    (record,) = publisher.records
    assert (record.topic, record.key) == (topics.CONTACT.name, b"phone:+8613900000000")
    assert record.partition == partition_of(b"phone:+8613900000000")
    decoded = decode(record.topic, record.headers, record.value, fallback_id="")
    assert decoded.event == ContactReceived.model_validate(CONTACT)
    assert (decoded.envelope.source, decoded.envelope.type) == ("/kefu/intake", "support.contact.received.v1")
    assert (decoded.envelope.subject, decoded.envelope.traceparent) == ("c-1", traceparent)


async def test_a_message_sent_again_is_the_same_event(client: httpx.AsyncClient, publisher: RecordingPublisher) -> None:
    """The event's id follows from the webhook's id, whenever it is sent; another message is another event."""
    body = json.dumps(CONTACT).encode()
    for message_id in ("msg-1", "msg-1", "msg-2"):
        await client.post(PATH, content=body, headers=signed(body, message_id))
    first, again, other = (dict(record.headers)["ce_id"] for record in publisher.records)
    assert first == again != other


async def test_no_character_of_a_member_is_refused(client: httpx.AsyncClient, publisher: RecordingPublisher) -> None:
    """NUL and lone surrogates in what a member wrote reach the bus as the replacement character, all else as it was."""
    answer = await post(client, {**CONTACT, "text": "退款\0 \ud83d \U0001f600"})
    assert answer.status_code == 202
    assert json.loads(publisher.records[0].value or b"")["text"] == "退款\ufffd \ufffd \U0001f600"


async def test_a_wrong_signature_is_refused(client: httpx.AsyncClient, publisher: RecordingPublisher) -> None:
    """Nothing of an unsigned request reaches the bus, and the sender is told why."""
    assert_problem(await client.post(PATH, json=CONTACT), 401, "webhook-signature is missing")
    body = json.dumps(CONTACT).encode()
    forged = await client.post(PATH, content=body + b" ", headers=signed(body))
    assert_problem(forged, 401, "no signature fits")
    assert "www-authenticate" in forged.headers
    assert publisher.records == []


@pytest.mark.parametrize(
    ("contact", "detail"),
    [
        ({**CONTACT, "received_at": "yesterday"}, "received_at"),
        ({**CONTACT, "sender": {"kind": "phone"}}, "sender.value"),
        ({"channel": "phone"}, "contact_id"),
        ({**CONTACT, "contact_id": "a\0b"}, "NUL"),
        ({**CONTACT, "contact_id": "a\ud800b"}, "lone surrogate"),
        ({**CONTACT, "channel": ""}, "channel"),
        ({**CONTACT, "channel": "chat/h"}, "channel"),
        ({**CONTACT, "channel": "Chat"}, "channel"),
        ({**CONTACT, "channel": "chat\n"}, "channel"),
        ({**CONTACT, "channel": "c" * 33}, "channel"),
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"contact_id": "\xff"}', "not JSON"),
    ],
)
async def test_what_is_no_contact_is_refused_by_field(
    client: httpx.AsyncClient, publisher: RecordingPublisher, contact: Any, detail: str
) -> None:
    """The answer names the fields; nothing reaches the bus."""
    assert_problem(await post(client, contact), 422, detail)
    assert publisher.records == []


async def test_unknown_fields_and_values_are_accepted(client: httpx.AsyncClient) -> None:
    """A newer channel is not stopped by an older intake."""
    assert (await post(client, {**CONTACT, "channel": "video", "mood": {"level": 3}})).status_code == 202


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    """Declared or not, it is refused; one without end is cut off after a while."""
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 1000:
            read += 1
            yield b"x" * 65_536

    assert_problem(await post(client, b"x" * (topics.MAX_VALUE_BYTES + 1)), 413, "1,048,576")
    assert_problem(await client.post(PATH, content=endless(), headers=signed(b"")), 413, "1,048,576")
    assert read == 8 * topics.MAX_VALUE_BYTES // 65_536 + 1


async def test_a_contact_too_large_for_the_bus_is_not_accepted(
    client: httpx.AsyncClient, publisher: RecordingPublisher
) -> None:
    """Thousands of small items are larger once spelled in full; what nobody would read gets no 202."""
    many = {**CONTACT, "attachments": [{"name": ""}] * 40_000}
    assert_problem(await post(client, many), 413, "in full")
    assert publisher.records == []


@pytest.mark.parametrize("field", ["channel", "language"])
async def test_a_word_without_end_is_refused(client: httpx.AsyncClient, field: str) -> None:
    """It would fit into no index and no event, and be taken for a fault of ours."""
    assert_problem(await post(client, {**CONTACT, field: "x" * 201}), 422, field)


async def test_a_body_at_the_limit_is_read(client: httpx.AsyncClient) -> None:
    """The limit itself is allowed."""
    small = json.dumps(CONTACT).encode()
    assert (await post(client, small + b" " * (topics.MAX_VALUE_BYTES - len(small)))).status_code == 202


async def test_a_channel_that_posts_too_fast_is_told_when_to_come_back(client: httpx.AsyncClient) -> None:
    """After its burst a channel waits; another one does not."""
    answers = [await post(client) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert_problem(answers[-1], 429, "'phone'")
    assert answers[-1].headers["retry-after"] == "1"
    assert (await post(client, {**CONTACT, "channel": "chat"})).status_code == 202


async def test_invented_channels_share_one_allowance(client: httpx.AsyncClient) -> None:
    """A new name for each contact is no way around the limit."""
    answers = [await post(client, {**CONTACT, "channel": f"new_{number}"}) for number in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]


@pytest.mark.parametrize("error", [KafkaConnectionError("away"), TimeoutError(), ConnectionRefusedError()])
async def test_while_the_bus_is_away_the_sender_is_asked_to_repeat(
    client: httpx.AsyncClient, publisher: RecordingPublisher, error: Exception
) -> None:
    """No contact is acknowledged that is not on the bus."""
    publisher.fails_with = error
    answer = await post(client)
    assert_problem(answer, 503, "send the same one again")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_bus_that_hangs_is_away(client: httpx.AsyncClient, publisher: RecordingPublisher) -> None:
    """The sender is not kept waiting."""
    publisher.hangs = True
    assert_problem(await post(client), 503, "send the same one again")


async def test_a_mistake_of_ours_is_not_called_an_absent_bus(
    client: httpx.AsyncClient, publisher: RecordingPublisher
) -> None:
    """Repeating does not help where the code is wrong."""
    publisher.fails_with = ZeroDivisionError()
    assert (await post(client)).status_code == 500


async def test_the_description_is_complete(client: httpx.AsyncClient) -> None:
    """Body, signature headers and every answer are in the OpenAPI document, with no reference that leads nowhere."""
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"][PATH]["post"]
    assert {"202", "401", "403", "413", "422", "429", "503"} == set(operation["responses"])
    assert {"webhook-id", "webhook-timestamp"} == {one["name"] for one in operation["parameters"]}
    assert operation["security"] == [{"StandardWebhooks": []}]
    assert document["components"]["securitySchemes"]["StandardWebhooks"]["name"] == "webhook-signature"
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert {"contact_id", "channel", "received_at", "sender"} == set(schema["required"])
    assert "value" in schema["properties"]["sender"]["properties"]
    assert "$defs" not in json.dumps(schema)
    answer = operation["responses"]["202"]["content"]["application/json"]["schema"]["$ref"]
    assert document["components"]["schemas"][answer.rpartition("/")[2]]["required"] == ["contact_id"]
