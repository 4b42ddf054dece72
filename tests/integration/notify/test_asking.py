"""What members and strangers may ask: is this yours, and how do I reach you."""

from typing import Any

import httpx
import jwt
import pytest

from shared.security.tokens import Role
from tests.integration.notify.conftest import TOKENS, Notify

GOLD_LINE = "400-555-0166"


def _as(member: str, role: Role = Role.MEMBER) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKENS.issue(member, role)}"}


async def _ask(notify: Notify, value: str, **headers: str) -> Any:
    async with httpx.AsyncClient(base_url=notify.url, trust_env=False, headers=headers) as client:
        return (await client.post("/v1/verify", json={"value": value})).json()


async def _card(notify: Notify, path: str = "", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=notify.url, trust_env=False, headers=headers) as client:
        return await client.get(f"/v1/me/contact-card{path}")


async def test_entries_of_a_tier_are_official_to_that_tier_alone(notify: Notify) -> None:
    """Public entries are official to everybody; a tier's own are a stranger's number to all others."""
    await notify.member("m-gold", tier="gold")
    await notify.member("m-plain")
    assert (await _ask(notify, "+86 400 555 0100"))["answer"] == "official"
    foreign = await _ask(notify, "13800138000")
    assert foreign["answer"] == "not_in_directory"
    assert await _ask(notify, GOLD_LINE) == foreign
    assert await _ask(notify, GOLD_LINE, **_as("m-plain")) == foreign
    assert await _ask(notify, GOLD_LINE, **_as("m-nobody-knows")) == foreign
    known = await _ask(notify, GOLD_LINE, **_as("m-gold"))
    assert (known["answer"], known["entry"]["label"]) == ("official", "金牌会员专线")


async def test_the_note_is_in_the_language_of_who_asks(notify: Notify) -> None:
    """The note is in the asker's language, Chinese when there is none."""
    assert "官方" in (await _ask(notify, "400-555-0100"))["note"]
    assert "ours" in (await _ask(notify, "400-555-0100", **{"accept-language": "en-GB,en;q=0.9"}))["note"]


async def test_who_walks_through_numbers_is_stopped(notify: Notify) -> None:
    """Who walks through numbers is stopped, and told for how long."""
    async with httpx.AsyncClient(base_url=notify.url, trust_env=False) as client:
        answers = [await client.post("/v1/verify", json={"value": str(number)}) for number in range(62)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 2
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)


async def test_a_card_is_signed_and_does_not_name_its_member(notify: Notify) -> None:
    """The card is signed, short-lived, about the member's own tier and ticket, and does not name the member."""
    await notify.member("m-gold", tier="gold")
    ticket = await notify.open("m-gold", problem_type="dispute")
    answer = (await _card(notify, f"?ticket_id={ticket}", **_as("m-gold"))).json()
    async with httpx.AsyncClient(base_url=notify.url, trust_env=False) as client:
        keys = jwt.PyJWKSet.from_dict((await client.get("/v1/card-keys")).json())
    key = keys[jwt.get_unverified_header(answer["card"])["kid"]]
    claims = jwt.decode(answer["card"], key, ["EdDSA"], audience="app", issuer="kefu-bus")
    assert (claims["tier"], claims["problem_type"], claims["exp"] - claims["iat"]) == ("gold", "dispute", 900)
    assert [one["id"] for one in claims["channels"]][:3] == ["security_line", "gold_line", "gold_qq"]
    assert claims["channels"] == answer["channels"]
    assert "m-gold" not in str(claims)


async def test_nobody_gets_the_card_of_another(notify: Notify) -> None:
    """Nobody gets a card for somebody else's ticket, nor learns that there is one."""
    await notify.member("m-gold", tier="gold")
    ticket = await notify.open("m-gold")
    answers = [await _card(notify, f"?ticket_id={one}", **_as("m-2")) for one in (ticket, "no-such-ticket")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer nonsense"}, 401),
        ({"authorization": "Basic eA=="}, 401),
        (_as("a", Role.AGENT), 403),
    ],
)
async def test_card_for_members_alone(notify: Notify, headers: dict[str, str], status: int) -> None:
    """Without a member's token there is no card."""
    answer = await _card(notify, **headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
