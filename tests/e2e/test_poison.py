"""Garbage on the public topics: nothing good is lost, and every letter can be read and replayed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.outside import ACTION, ACTION_LETTERS, ACTION_TYPE, CONTACT, CONTACT_LETTERS, CONTACT_TYPE, Outside

POISON: list[tuple[bytes | None, str]] = [
    (b"{", "not JSON"),
    (b'{"contact_id": 1, "channel": [], "received_at": "yesterday"}', "contact_id"),
    (b'"' + b"x" * 2 * 1024 * 1024 + b'"', "bytes"),
    (None, "no value"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, "recursion"),
    (b'{"contact_id": "\\udc00"}', "surrogate"),
    (b"\xff\xfe\x00", "JSON"),
]


def kefu(outside: Outside, *words: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command line as an operator would."""
    return subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "kefu"), *words],
        env={**os.environ, **outside.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_poison_between_contacts_loses_no_contact(outside: Outside) -> None:
    """Good contacts around poison on one partition are all opened; each poison is told with its reason."""
    key = outside.name("chat:poison")
    sent = []
    for number, (value, _) in enumerate(POISON):
        contact = outside.contact(sender={"kind": "x", "value": outside.name(f"s{number}")})
        await outside.tell(CONTACT, key, contact, [CONTACT_TYPE, ("trace", b"\xff"), ("none", None)])
        await outside.tell(CONTACT, key, value, [CONTACT_TYPE, ("trace", b"\xff"), ("none", None)])
        sent.append(contact)
    nul = outside.contact(contact_id="a\0b")
    await outside.tell(CONTACT, key, nul, [CONTACT_TYPE])
    sent.append(outside.contact(text="打不开\0", sender={"kind": "x", "value": outside.name("nul")}))
    await outside.tell(CONTACT, key, sent[-1], [CONTACT_TYPE])
    await outside.letter(CONTACT_LETTERS, key, count=len(POISON) + 1)
    for contact in sent:
        await outside.opened(contact)
    letters = [one for one in outside.heard if one.topic == CONTACT_LETTERS and one.record.key == key.encode()]
    for letter, (value, reason) in zip(
        letters, [*POISON, (json.dumps(nul, ensure_ascii=False).encode(), "NUL")], strict=True
    ):
        whole = len(value or b"") <= 1024 * 1024
        assert letter.record.value == (value if whole else (value or b"")[: 64 * 1024])
        assert reason in (letter.headers["dlq_message"] or b"").decode()


async def test_a_mended_cause_is_replayed(outside: Outside, tmp_path: Path) -> None:
    """An action refused for a ticket that did not exist works when it is replayed after the ticket was opened."""
    contact = outside.contact()
    contact["sender"] = {"kind": "x", "value": outside.name("late")}
    await outside.tell(CONTACT, outside.name("k"), contact, [CONTACT_TYPE])
    ticket = (await outside.opened(contact))["ticket_id"]
    action = {"action_id": outside.name("a"), "ticket_id": ticket, "kind": "close", "actor": {"kind": "system"}}
    await outside.tell(ACTION, ticket, action, [ACTION_TYPE])
    letter = await outside.letter(ACTION_LETTERS, ticket)
    assert "actor.id" in (letter.headers["dlq_message"] or b"").decode()
    name = f"{ACTION_LETTERS}/{letter.record.partition}/{letter.record.offset}"

    listed = kefu(outside, "dead-letters", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert any(json.loads(line)["id"] == name for line in listed.stdout.splitlines())

    action["actor"] = {"kind": "system", "id": "operator"}
    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(action), encoding="utf-8")
    replayed = kefu(outside, "dead-letters", "replay", name, "--value", str(mended))
    assert replayed.returncode == 0, replayed.stderr
    await outside.of(ticket, "closed")
    letters = [json.loads(line) for line in kefu(outside, "dead-letters", "list", "--json").stdout.splitlines()]
    assert next(one for one in letters if one["id"] == name)["replayed_at"]
