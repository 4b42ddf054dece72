"""``POST /v1/contacts``: the channel of a contact follows from the secret it was signed with."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from services.intake.edges.credentials import read_credentials
from services.intake.edges.standard_webhooks import WebhookVerifier
from services.intake.edges.webhook import PATH
from services.intake.rules.channels import Channels
from shared.contracts.contacts import ContactReceived
from shared.contracts.envelope import decode
from tests.unit.intake.test_webhook import CONTACT, SECRET, RecordingPublisher, assert_problem, intake_http, signed

MAIL, BOTH = "whsec_N2uYbq0vPpWQ0mZ4oYtFhKc1sXrLe9Dg", "whsec_Tq8HnC3jVwRk5xGzBfU2yMlA7dOiSe6P"


@pytest.fixture
def publisher() -> RecordingPublisher:
    """The bus, as the edge sees it."""
    return RecordingPublisher()


@pytest.fixture
async def client(publisher: RecordingPublisher) -> AsyncIterator[httpx.AsyncClient]:
    """Intake with a secret of one channel, one of two, and one of every channel."""
    verifier = WebhookVerifier(read_credentials(f"email={MAIL},email+social={BOTH}", SECRET))
    async with intake_http(publisher, verifier, channels=Channels(channels={}), burst=9) as one:
        yield one


@pytest.mark.parametrize(
    ("secret", "channel", "status"),
    [
        (MAIL, "email", 202),
        (MAIL, "chat", 403),
        (MAIL, "email2", 403),
        (BOTH, "social", 202),
        (BOTH, "phone", 403),
        (SECRET, "chat", 202),
    ],
)
async def test_a_secret_speaks_for_its_channels(
    client: httpx.AsyncClient, publisher: RecordingPublisher, secret: str, channel: str, status: int
) -> None:
    """Whoever holds the secret of the mail gateway posts mail, and no session of the chat."""
    session = {"member_id": "M1", "authenticated": True, "sender": {"kind": "member", "value": "M1"}}
    body = json.dumps(CONTACT | session | {"channel": channel}).encode()
    answer = await client.post(PATH, content=body, headers=signed(body, secret=secret))
    assert (answer.status_code, len(publisher.records)) == (status, status == 202)


@pytest.mark.parametrize(
    "body",
    [
        b'{"channel":"email",%s,"channel":"chat"}',
        b'{"channel":"chat",%s}',
        b'{"\\u0063hannel":"chat",%s}',
        b'{"channel":"email",%s,"\\u0063hannel":"chat"}',
    ],
)
async def test_no_way_of_writing_the_channel_gets_around_its_secret(client: httpx.AsyncClient, body: bytes) -> None:
    """What counts is the channel the reader of the bus would read, however the body spells it."""
    fields = json.dumps({name: value for name, value in CONTACT.items() if name != "channel"}).encode()[1:-1]
    body = body % fields
    answer = await client.post(PATH, content=body, headers=signed(body, secret=MAIL))
    assert_problem(answer, 403, "does not speak for the channel 'chat'")


async def test_a_channel_left_out_is_filled_in(client: httpx.AsyncClient, publisher: RecordingPublisher) -> None:
    """Where the secret speaks for one channel, it need not be said; where for several, it has to be."""
    body = json.dumps({name: value for name, value in CONTACT.items() if name != "channel"}).encode()
    assert (await client.post(PATH, content=body, headers=signed(body, secret=MAIL))).status_code == 202
    (record,) = publisher.records
    decoded = decode(record.topic, record.headers, record.value, fallback_id="").event
    assert isinstance(decoded, ContactReceived)
    assert decoded.channel == "email"
    assert_problem(await client.post(PATH, content=body, headers=signed(body, secret=BOTH)), 422, "channel")


async def test_two_signatures_allow_what_both_allow(client: httpx.AsyncClient) -> None:
    """Who signs with two secrets holds both, and speaks for the channels of either."""
    body = json.dumps(CONTACT | {"channel": "social"}).encode()
    mail, both = (signed(body, secret=secret)["webhook-signature"] for secret in (MAIL, BOTH))
    headers = signed(body, secret=MAIL) | {"webhook-signature": f"{mail} {both}"}
    assert (await client.post(PATH, content=body, headers=headers)).status_code == 202
