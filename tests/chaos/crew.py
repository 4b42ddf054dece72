"""Contacts at a steady rate, and the people who act on what they see: everything a run does besides its faults."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any, Final

from cli.simulation.outside import contact_key
from shared.contracts import topics
from shared.contracts.contacts import ContactReceived
from shared.contracts.envelope import encode
from tests.chaos.desk import Intent, Ticket, reactions, take_in
from tests.chaos.sender import Sender
from tests.chaos.watch import Waiting
from tests.chaos.world import Matter, World

Json = dict[str, Any]

_CONTACT_TYPE: Final = ("ce_type", b"support.contact.received.v1")
_ACTION_TYPE: Final = ("ce_type", b"support.action.requested.v1")


@dataclass(slots=True)
class Sent:
    """What was really sent: by this the log is judged. ``contacts``: contact_id -> when; ``amendments``: likewise;
    ``actions``: action_id -> how many times it is on its way or there."""

    contacts: dict[str, float] = field(default_factory=dict)
    amendments: dict[str, float] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)


class Crew:
    """Sends matter after matter, and does what the desk intends."""

    def __init__(self, world: World, sender: Sender, waiting: Waiting) -> None:
        self._world = world
        self._sender = sender
        self._waiting = waiting
        self._tickets: dict[str, Ticket] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent = Sent()
        self.intents = 0
        self.stopping = asyncio.Event()

    async def introduce(self) -> None:
        """Members and agents become known."""
        for person in self._world.members:
            member = person.as_member()
            assert member is not None
            self._start(self._sender.tell(topics.MEMBER.name, member.member_id, encode(member)))
        for agent in self._world.agents:
            self._start(self._sender.tell(topics.AGENT.name, agent.agent_id, encode(agent)))
        await asyncio.gather(*self._tasks)

    async def write(self, rate: float) -> None:
        """Sends ``rate`` contacts a second until ``stopping`` is set, whatever becomes of them."""
        started, no = time.monotonic(), 0
        while not self.stopping.is_set():
            due = int((time.monotonic() - started) * rate)
            while no < due:
                no += 1
                self._begin(self._world.matter(no))
            await asyncio.sleep(0.02)

    def hear(self, verb: str, value: Json) -> None:
        """An event of a ticket came."""
        ticket_id = value["ticket_id"]
        if verb == "opened" and value["contact_id"] in self.sent.contacts:
            matter = self._world.matter(int(value["contact_id"][1:]))
            member = value["member_id"] or ""
            self._tickets[ticket_id] = Ticket(ticket_id, matter, member, value["problem_type"])
        if (ticket := self._tickets.get(ticket_id)) is None:
            return
        take_in(ticket, verb, value)
        for intent in reactions(ticket, verb, value):
            self.intents += 1
            self._start(self._carry_out(ticket, intent, f"{ticket_id}/{ticket.moves}/{intent.kind}"))

    def idle(self) -> bool:
        """Whether nobody intends anything, and nothing is on its way."""
        return not self._tasks

    async def close(self) -> None:
        """Drops whatever is still intended."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, matter: Matter) -> None:
        at = time.time()
        self.sent.contacts[matter.contact_id] = at
        self._waiting.sent(matter.contact_id, at)
        for _ in range(matter.copies):
            self._start(self._hand_over(self._world.contact(matter)))

    async def _hand_over(self, contact: Json) -> None:
        key = contact_key(ContactReceived.model_validate(contact))
        value = json.dumps(contact, ensure_ascii=False).encode()
        await self._sender.tell(topics.CONTACT.name, key, value, [_CONTACT_TYPE])

    async def _carry_out(self, ticket: Ticket, intent: Intent, action_id: str) -> None:
        await asyncio.sleep(intent.seconds)
        if not intent.kind:
            self.sent.amendments[ticket.matter.amendment_id] = time.time()
            await self._hand_over(self._world.amendment(ticket.matter))
            return
        if not intent.still_fits(ticket):
            return
        self.sent.actions.add(action_id)
        kind, _, actor = intent.actor.partition(":")
        action = {
            "action_id": action_id,
            "ticket_id": ticket.ticket_id,
            "kind": intent.kind,
            "actor": {"kind": kind, "id": actor},
            **intent.fields,
        }
        await self._sender.tell(topics.ACTION.name, ticket.ticket_id, json.dumps(action).encode(), [_ACTION_TYPE])

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
