"""``POST /v1/contacts`` as any system sees it that can sign a Standard Webhook."""

import base64
import hashlib
import hmac
import json
import time
import uuid

import httpx

from tests.e2e.outside import Json, Outside


def sign(secret: str, body: bytes, *, name: str | None = None, at: int | None = None) -> dict[str, str]:
    """Headers as the Standard Webhooks specification wants them, computed by hand."""
    name, at = name or f"msg_{uuid.uuid4().hex}", at or int(time.time())
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": signature}


async def post(outside: Outside, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """One request."""
    async with httpx.AsyncClient(base_url=outside.environment["INTAKE_URL"], trust_env=False) as client:
        return await client.post("/v1/contacts", content=body, headers={"content-type": "application/json", **headers})


async def test_a_signed_contact_becomes_a_ticket(outside: Outside) -> None:
    """202 with the contact's id, and the ticket follows; a repeat of the request changes nothing."""
    contact: Json = outside.contact(channel="email", subject="卡密无效")
    body = json.dumps(contact, ensure_ascii=False).encode()
    headers = sign(outside.environment["CHANNEL_SECRET"], body)
    for _ in range(2):
        answer = await post(outside, body, headers)
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"contact_id": contact["contact_id"]}
    await outside.opened(contact)
    await outside.listen(1)
    assert [one.verb for one in outside.heard if one.value.get("contact_id") == contact["contact_id"]] == ["opened"]


async def test_what_is_wrong_is_told(outside: Outside) -> None:
    """A bad signature, an old one, an oversized and an invalid body are refused as problem documents."""
    secret = outside.environment["CHANNEL_SECRET"]
    good = json.dumps(outside.contact()).encode()
    bad = b'{"contact_id": "x"}'
    big = b" " * (1024 * 1024 + 1)
    forged = {**sign(secret, good), "webhook-signature": "v1,AAAA"}
    for status, body, headers in (
        (401, good, {}),
        (401, good, forged),
        (401, good, sign(secret, good, at=int(time.time()) - 3600)),
        (401, good + b" ", sign(secret, good)),
        (413, big, sign(secret, big)),
        (422, bad, sign(secret, bad)),
    ):
        answer = await post(outside, body, headers)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        assert len(problem["detail"]) > 10
