"""Plays a tale: publishes what people and desks do, and judges what the topics say about it.

Steps that do: ``member`` (tier, emails, phones), ``agent`` (capacity, team, presence, gone), ``say`` (from, text, ago:
how many seconds before now it was received), ``burst`` of says, ``act`` (of, by, refused: with which code it has to),
``pause``. Steps that judge: ``see`` the next such event of a ticket, ``never`` such an event from now on, ``count`` of
such events so far, ``same`` and ``apart``: the tickets of contacts, ``moved`` and ``due`` times, ``rising``, ``hides``.
"""

import asyncio
import json
import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.e2e.outside import ACTION_LETTERS, AGENT, MEMBER, TICKET, Heard, Json, Outside

SECONDS: Final = 40.0
KNOWN_AFTER: Final = 2.5
"""Seconds until reference data is known everywhere: topics have no order among each other."""

OWN_TIER: Final = "of-"
"""Members of a tale have a tier of their own where it does not matter, and agents serve them alone: tales are apart."""


class Player:
    """One tale and those in it. Raises AssertionError when a step is judged wrong."""

    def __init__(self, outside: Outside, name: str) -> None:
        self._outside = outside
        self._run = uuid.uuid4().hex[:6]
        self._name = name
        self._tiers = [f"{OWN_TIER}{self._run}"]
        self._agents: set[str] = set()
        self._known_at = 0.0
        self._contacts: dict[str, str] = {}
        self._seen: set[int] = set()
        self._saved: dict[str, Json] = {}

    async def play(self, steps: list[Json]) -> None:
        """All of it; whoever came online goes again."""
        self._tiers += [step["tier"] for step in steps if "tier" in step]
        try:
            for step in steps:
                verb = next(iter(step))
                for named in re.findall(r"\{(?:no|id):(\w+)\}", json.dumps(step)):
                    await self._ticket(named)
                await getattr(self, f"_{verb}")(step[verb], **self._filled_in(step, verb))
        except AssertionError as error:
            raise AssertionError(f"{error}\nin the step {step}, after\n{self._so_far()}") from None
        finally:
            for name in self._agents:
                await self._outside.tell(AGENT, name, None)

    # what people do

    async def _member(self, name: str, tier: str | None = None, emails: Any = (), phones: Any = ()) -> None:
        handles = [("email", self._address(one)) for one in emails] + [("phone", self._phone(one)) for one in phones]
        member = {
            "member_id": self._id(name),
            "tier": tier or self._tiers[0],
            "handles": [{"kind": kind, "value": value, "verified": True} for kind, value in handles],
            "version": 1,
        }
        await self._outside.tell(MEMBER, self._id(name), member)
        self._known_at = time.monotonic() + KNOWN_AFTER

    async def _agent(self, name: str, gone: bool = False, **fields: Any) -> None:
        self._agents.add(self._id(name))
        if gone:
            await self._outside.tell(AGENT, self._id(name), None)
        else:
            await self._outside.agent(self._id(name), **{"capacity": 5, "tiers": self._tiers, **fields})
        self._known_at = time.monotonic() + KNOWN_AFTER

    async def _say(self, label: str, ago: float = 0.0, **fields: Any) -> None:
        await asyncio.sleep(max(0.0, self._known_at - time.monotonic()))
        speaker = fields.pop("from")
        self._contacts[label] = f"{self._run}-{label}"
        if isinstance(speaker, dict):
            source: Json = {"channel": "phone", "sender": speaker}
        elif speaker.startswith("e"):
            source = {"channel": "email", "sender": {"kind": "email", "value": self._address(speaker)}}
        else:
            sender = {"kind": "member", "value": self._id(speaker)}
            source = {"channel": "chat", "sender": sender, "member_id": self._id(speaker), "authenticated": True}
        received_at = datetime.now(UTC) - timedelta(seconds=ago)
        about = {"contact_id": self._contacts[label], "received_at": received_at.isoformat()}
        await self._outside.send_contact(**{**source, **about, **fields})

    async def _burst(self, says: list[Json]) -> None:
        await asyncio.gather(*(self._say(one["say"], **self._filled_in(one, "say")) for one in says))

    async def _act(self, kind: str, of: str, by: str, refused: str | None = None, **fields: Any) -> None:
        ticket_id = await self._ticket(of)
        if "waits" in fields:
            fields["on"] = fields.pop("waits")
        if re.fullmatch(r"a\d", fields.get("to", "")):
            fields["to"] = self._id(fields["to"])
        kind_of = "agent" if by.startswith("a") else "member"
        action_id = await self._outside.act(ticket_id, kind, f"{kind_of}:{self._id(by)}", **fields)
        if refused:
            code = refused.encode()
            await self._until(lambda: self._refusal(action_id) == code, f"{kind} is refused as {refused}")

    async def _taken(self, label: str) -> None:
        await self._see("assigned", label, agent_id="a1")
        await self._act("accept", label, "a1")
        await self._see("accepted", label)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    # what is judged

    async def _see(self, verb: str, of: str, save: str | None = None, has: Any = (), **fields: Any) -> None:
        ticket_id = await self._ticket(of)
        fields = {field: self._id(value) if field == "agent_id" else value for field, value in fields.items()}
        found: list[Heard] = []

        def seen() -> bool:
            found[:] = [
                one
                for one in self._events(ticket_id, verb)
                if id(one) not in self._seen
                and all(one.value.get(field) == value for field, value in fields.items())
                and all(one.value.get(field) is not None for field in has)
            ]
            return bool(found)

        await self._until(seen, f"{verb} {fields or ''} of {of}")
        self._seen.add(id(found[0]))
        if save:
            self._saved[save] = found[0].value

    async def _never(self, verb: str, of: str, during: float = 4.0) -> None:
        ticket_id = await self._ticket(of)
        for label in self._contacts:
            await self._ticket(label)
        before = len(self._events(ticket_id, verb))
        await asyncio.sleep(during)
        told = [one.value for one in self._events(ticket_id, verb)[before:]]
        assert not told, f"{verb} of {of} was said: {told}"

    async def _count(self, verb: str, of: str, least: int, most: int) -> None:
        count = len(self._events(await self._ticket(of), verb))
        assert least <= count <= most, f"{count} {verb} of {of}"

    async def _same(self, labels: list[str]) -> None:
        tickets = {label: await self._ticket(label) for label in labels}
        assert len(set(tickets.values())) == 1, f"they are apart: {tickets}"

    async def _apart(self, labels: list[str]) -> None:
        tickets = {label: await self._ticket(label) for label in labels}
        assert len(set(tickets.values())) == len(labels), f"some are one: {tickets}"

    async def _moved(self, field: str, of: str, least: float, most: float, **earlier: str) -> None:
        """A later promise of this ticket is due so many seconds after the one that was saved."""
        before = _at(self._saved[earlier["from"]][field])
        ticket_id = await self._ticket(of)

        def moved() -> bool:
            later = (_at(one.value[field]) for one in self._events(ticket_id, "promised") if one.value.get(field))
            return any(least <= (due - before).total_seconds() <= most for due in later)

        await self._until(moved, f"{field} of {of} moves by {least} to {most} s")

    async def _due(self, field: str, least: float, most: float, **saved: str) -> None:
        left = (_at(self._saved[saved["from"]][field]) - datetime.now(UTC)).total_seconds()
        assert least - SECONDS <= left <= most, f"{field} is {left:.0f} s away"

    async def _rising(self, field: str, verb: str, of: str) -> None:
        values = [one.value[field] for one in self._events(await self._ticket(of), verb)]
        assert values == sorted(set(values)), f"{field} of {verb} goes {values}"

    async def _hides(self, secret: str, of: str) -> None:
        ticket_id = await self._ticket(of)
        told = [one.value for one in self._outside.heard if one.value.get("ticket_id") == ticket_id]
        assert told
        assert secret not in json.dumps(told, ensure_ascii=False)

    # who is who

    async def _ticket(self, label: str) -> str:
        """The ticket a contact was put to."""
        contact_id = self._contacts[label]
        found: list[str] = []

        def put() -> bool:
            found[:] = [
                one.value["ticket_id"]
                for one in self._outside.heard
                if one.verb in ("opened", "amended") and one.value.get("contact_id") == contact_id
            ]
            return bool(found)

        await self._until(put, f"a ticket of {label}")
        return found[0]

    def _refusal(self, action_id: str) -> bytes | None:
        letters = (one for one in self._outside.heard if one.topic == ACTION_LETTERS)
        return next((one.headers["dlq_exception"] for one in letters if one.value.get("action_id") == action_id), None)

    def _events(self, ticket_id: str, verb: str) -> list[Heard]:
        return [
            one
            for one in self._outside.heard
            if one.topic == TICKET and one.verb == verb and one.value.get("ticket_id") == ticket_id
        ]

    async def _until(self, condition: Any, what: str) -> None:
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end, f"not within {SECONDS:g} s: {what}"
            await asyncio.sleep(0.1)

    def _filled_in(self, step: Json, verb: str) -> Json:
        return {field: self._fill(value) for field, value in step.items() if field != verb}

    def _fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {field: self._fill(one) for field, one in value.items()}
        return re.sub(r"\{(\w+)(?::(\w+))?\}", self._name_of, value) if isinstance(value, str) else value

    def _name_of(self, found: re.Match[str]) -> str:
        word, of = found[1], found[2]
        if word in ("no", "id"):
            contact_id = self._contacts[of]
            (event,) = (
                one.value
                for one in self._outside.heard
                if one.verb == "opened" and one.value["contact_id"] == contact_id
            )
            return str(event["ticket_no" if word == "no" else "ticket_id"])
        if word == "digits":
            return f"20261120{self._number(of)}"
        return self._phone(word) if word.startswith("p") else f"KM20261120{self._number(word)}"

    def _number(self, word: str) -> str:
        return f"{int(self._run, 16) % 10**5:05d}{int(word[1:]):02d}"

    def _id(self, word: str) -> str:
        return f"{self._run}-{word}"

    def _address(self, word: str) -> str:
        return f"{word}.{self._run}@example.com"

    def _phone(self, word: str) -> str:
        return f"139{int(self._run, 16) % 10**6:06d}{int(word[1:]):02d}"

    def _so_far(self) -> str:
        tickets = {
            one.value["ticket_id"]
            for one in self._outside.heard
            if one.value.get("contact_id") in self._contacts.values() and "ticket_id" in one.value
        }
        told = [one for one in self._outside.heard if one.value.get("ticket_id") in tickets]
        return "\n".join(f"  {one.topic} {one.verb} {str(one.value)[:300]}" for one in told)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
