"""Receipts over HTTP: repeated, out of order, early, forged."""

import uuid
from typing import Any

import httpx
import pytest

from services.notify.gateways.sender import Message
from tests.integration.notify.conftest import RECEIPT_SECRET, Notify

PATH = f"/v1/receipts/sandbox/{RECEIPT_SECRET}"


async def _post(notify: Notify, body: Any, path: str = PATH) -> httpx.Response:
    async with httpx.AsyncClient(base_url=notify.url, trust_env=False) as client:
        return await client.post(path, json=body)


async def _submitting(notify: Notify) -> tuple[str, str]:
    """A notice that is committed as submitting; its answer is still out."""
    await notify.member(phone="+8613900009900")
    ticket = await notify.open()
    await notify.claim(10)
    return ticket, str((await notify.row(ticket))["notice_id"])


async def test_a_receipt_before_the_answer_is_believed(notify: Notify) -> None:
    """A receipt that comes before the answer is believed, and the answer changes nothing any more."""
    ticket, notice = await _submitting(notify)
    answer = await _post(notify, [{"out_id": notice, "state": "delivered"}])
    assert (answer.status_code, answer.json()) == (200, {"received": 1, "known": 1})
    assert notify.states(ticket) == ["planned", "delivered"]


async def test_receipts_in_any_order_say_each_thing_once(notify: Notify) -> None:
    """Receipts in any order, each twice, say each thing once and end where the handset got it."""
    ticket, notice = await _submitting(notify)
    undelivered = {"out_id": notice, "state": "undelivered", "code": "switched_off"}
    delivered = {"out_id": notice, "state": "delivered"}
    await _post(notify, [undelivered, undelivered])
    await _post(notify, [delivered, undelivered, delivered])
    assert notify.states(ticket) == ["planned", "undelivered", "delivered"]
    assert notify.reasons(ticket)[1] == "switched_off"


async def test_a_receipt_for_nothing_of_ours_changes_nothing(notify: Notify) -> None:
    """What is not about a notice of ours is acknowledged, and changes nothing; the rest of the array counts."""
    ticket, notice = await _submitting(notify)
    strange: list[Any] = [
        {"out_id": str(uuid.uuid4()), "state": "delivered"},
        {"out_id": "no uuid", "state": "delivered"},
        {"out_id": notice, "state": "a state of the future"},
        {"out_id": notice, "state": "delivered", "code": "a\u0000b"},
        {},
        None,
        7,
    ]
    answer = await _post(notify, [*strange, {"out_id": notice, "state": "delivered"}])
    assert (answer.status_code, answer.json()) == (200, {"received": 8, "known": 1})
    assert notify.states(ticket) == ["planned", "delivered"]


async def test_a_receipt_for_what_was_never_sent_is_not_believed(notify: Notify) -> None:
    """A receipt for a notice that has not left the house is a lie, and is not believed."""
    await notify.member(phone="+8613900009900")
    ticket = await notify.open()
    notice = str((await notify.row(ticket))["notice_id"])
    answer = await _post(notify, [{"out_id": notice, "state": "delivered"}])
    assert answer.json() == {"received": 1, "known": 0}
    assert notify.states(ticket) == ["planned"]


@pytest.mark.parametrize(
    "path",
    [f"{PATH}x", "/v1/receipts/sandbox/", f"/v1/receipts/nobody/{RECEIPT_SECRET}"],
    ids=["longer secret", "no secret", "other provider"],  # the secret is another in every process
)
async def test_who_does_not_know_the_path_finds_nothing(notify: Notify, path: str) -> None:
    """Who does not know the path finds nothing there."""
    assert (await _post(notify, [], path)).status_code == 404


@pytest.mark.parametrize("body", [{}, "text", None, [{}] * 1001])
async def test_a_body_that_is_no_array_of_receipts_is_refused(notify: Notify, body: Any) -> None:
    """A body that is not an array of receipts is refused with what would be right."""
    answer = await _post(notify, body)
    assert answer.status_code == 422
    assert "array" in answer.json()["detail"]


async def test_no_address_at_rest(notify: Notify) -> None:
    """Neither a number nor a token is in the database in clear, nor in what is published."""
    await notify.member(phone="+8613900009900", push="token-of-a-device")
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, "planned", "accepted", "delivered")
    dump = ""
    for table in ("member", "ticket", "intent"):
        dump += str([tuple(row) for row in await notify.transactions.pool.fetch(f"select {table}::text from {table}")])
    dump += str([one.value for one in notify.kept.published])
    assert "13900009900" not in dump
    assert "token-of-a-device" not in dump


def test_no_message_in_a_log_shows_an_address() -> None:
    """A message that ends up in a log or a traceback shows no address."""
    message = Message(uuid.uuid4(), "sms", "+8613900009900", "text")
    assert "139" not in repr(message).replace(str(message.out_id), "")
