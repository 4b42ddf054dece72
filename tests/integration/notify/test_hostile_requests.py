"""Requests nobody honest makes, to every route the service has."""

import asyncio
import time
from typing import Any

import httpx
import jwt
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from requests import Session

from shared.http.body import SMALL
from shared.security.tokens import Role
from tests.integration.notify.conftest import RECEIPT_SECRET, TOKENS, Notify

JSON = {"content-type": "application/json"}
EXAMPLES = 60
UNUSUAL = ["\0", "a\0b", "\ud800", "\udfff", "\x1f", "\x7f", "\u202e", "x" * 201, "", "%00", "../..", "'\"--"]


def fuzz(url: str, headers: dict[str, str]) -> int:
    """Whatever the API's own description allows, and what it does not. Returns how many operations there are."""
    operations = list(schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations())
    for found in operations:
        operation = found.ok()  # type: ignore[union-attr]  # one that is described wrongly is to fail
        cases = operation.as_strategy() | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

        @given(cases)
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def ask(case: schemathesis.Case[Any]) -> None:
            with Session() as session:
                session.trust_env = False
                answer = case.call(headers=headers, session=session, timeout=40)
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0].startswith("application/problem+json")

        ask()
    return len(operations)


@pytest.mark.parametrize("asks", ["nobody", "member"])
async def test_no_request_is_a_fault_of_ours(notify: Notify, asks: str) -> None:
    """Every route answers anything with a document, and an error of the asker's is a problem document below 500."""
    await notify.member("m-1")
    headers = {"authorization": f"Bearer {TOKENS.issue('m-1', Role.MEMBER)}"} if asks == "member" else {}
    assert await asyncio.to_thread(fuzz, notify.url, headers) >= 4


@pytest.mark.parametrize("text", UNUSUAL)
async def test_ids_that_are_none(notify: Notify, text: str) -> None:
    """What no id holds is refused wherever an id is asked for: in a query, a path, a token."""
    async with httpx.AsyncClient(base_url=notify.url, trust_env=False) as http:
        bearer = {"authorization": f"Bearer {TOKENS.issue('m-1', Role.MEMBER)}"}
        written = text.encode("utf-8", "surrogatepass")
        escaped = "".join(f"%{byte:02x}" for byte in written)
        answers = [
            await http.get(f"/v1/me/contact-card?ticket_id={escaped}", headers=bearer),
            await http.post(f"/v1/receipts/{escaped}/{RECEIPT_SECRET}", json=[]),
            await http.post(f"/v1/receipts/sandbox/{escaped}", json=[]),
            await http.post("/v1/receipts/sandbox/" + RECEIPT_SECRET, json=[{"out_id": "x", "state": "delivered"}]),
            await http.get("/v1/me/contact-card", headers={"authorization": f"Bearer {of(text)}"}),
        ]
    assert [answer.status_code for answer in answers[:3]] == [
        422 if text in ("\0", "a\0b", "x" * 201, "") else 404,
        *(404, 404),
    ]
    assert answers[3].status_code == 200
    assert answers[4].status_code in ((401,) if text in UNUSUAL[:4] or not text or len(text) > 200 else (200,))


def of(subject: str) -> str:
    """A token with the right signature, for a subject our own command would not issue one for."""
    claims = jwt.decode(TOKENS.issue("m-1", Role.MEMBER), options={"verify_signature": False})
    return jwt.encode({**claims, "sub": subject, "iat": int(time.time())}, TOKENS._key, "HS256")


async def test_a_question_of_any_size(notify: Notify) -> None:
    """A body that no question needs is refused before it is read."""
    async with httpx.AsyncClient(base_url=notify.url, trust_env=False) as http:
        answers = [
            await http.post("/v1/verify", content=b'{"value":"' + b"1" * size + b'"}', headers=JSON)
            for size in (SMALL, 20 * SMALL)
        ]
    assert [answer.status_code for answer in answers] == [413, 413]
