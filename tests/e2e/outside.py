"""An outsider: plain aiokafka and HTTP against the running system, nothing of ours but the addresses."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

CONTACT, TICKET, ACTION, NOTICE = (
    *("support.contact.v1", "support.ticket.v1"),
    *("support.action.v1", "support.notice.v1"),
)
MEMBER, ORDER, AGENT = "support.member.v1", "support.order.v1", "support.agent.v1"
CONTACT_LETTERS, ACTION_LETTERS = "support.contact.v1.intake.dlq", "support.action.v1.routing.dlq"
SUBSCRIBED_EVENTS = (TICKET, NOTICE, CONTACT_LETTERS, ACTION_LETTERS)
CONTACT_TYPE = ("ce_type", b"support.contact.received.v1")
ACTION_TYPE = ("ce_type", b"support.action.requested.v1")
SECONDS = 20.0

Json = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """One record an outsider read: its topic, its verb (``opened``), its value, and when it came."""

    topic: str
    verb: str
    value: Json
    headers: dict[str, bytes | None]
    record: ConsumerRecord
    at: float


@dataclass
class Outside:
    """Publishes and listens. Every name it makes is unique to its test."""

    environment: dict[str, str]
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    heard: list[Heard] = field(default_factory=list)
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:10])

    def name(self, word: str) -> str:
        """A name nobody else uses."""
        return f"{word}-{self.run}"

    async def tell(
        self, topic: str, key: str, value: Json | bytes | None, headers: Iterable[tuple[str, bytes | None]] = ()
    ) -> None:
        """Publishes a record, acknowledged."""
        data = json.dumps(value, ensure_ascii=False).encode() if isinstance(value, dict) else value
        await self.producer.send_and_wait(topic, data, key.encode(), headers=list(headers))

    async def member(self, name: str, **fields: Any) -> str:
        """Makes a member with one verified phone; returns the phone."""
        phone = fields.pop("phone", f"+86139{uuid.uuid4().int % 10**4:04d}8888")
        handles = [{"kind": "phone", "value": phone, "verified": True}]
        await self.tell(
            MEMBER, name, {"member_id": name, "tier": "standard", "handles": handles, "version": 1, **fields}
        )
        return str(phone)

    async def agent(self, name: str, **fields: Any) -> str:
        """Makes an agent of the frontline who is online and can do anything."""
        agent = {
            "agent_id": name,
            "name": name,
            "team": "frontline",
            "skills": {},
            "capacity": 50,
            "presence": "online",
        }
        await self.tell(AGENT, name, {**agent, "version": time.time_ns(), **fields})
        return name

    def contact(self, **fields: Any) -> Json:
        """A contact of an unknown sender about a top-up that did not arrive."""
        return {
            "contact_id": uuid.uuid4().hex,
            "channel": "chat",
            "received_at": "2026-10-15T18:00:00+08:00",
            "sender": {"kind": "wechat_openid", "value": self.name("o")},
            "text": "充值没到账,钱已经扣了,订单号 KA20261015180001",
            **fields,
        }

    async def send_contact(self, headers: Iterable[tuple[str, bytes | None]] = (CONTACT_TYPE,), **fields: Any) -> Json:
        """Publishes a contact as a channel would."""
        contact = self.contact(**fields)
        await self.tell(CONTACT, f"{contact['channel']}:{contact['sender']['value']}", contact, headers)
        return contact

    async def act(self, ticket_id: str, kind: str, actor: str, **fields: Any) -> str:
        """Asks for an action; ``actor`` is ``agent:A1``. Returns the action's id."""
        actor_kind, _, actor_id = actor.partition(":")
        action_id = str(fields.pop("action_id", uuid.uuid4().hex))
        action = {"action_id": action_id, "ticket_id": ticket_id, "kind": kind, **fields}
        await self.tell(ACTION, ticket_id, {**action, "actor": {"kind": actor_kind, "id": actor_id}}, [ACTION_TYPE])
        return action_id

    async def opened(self, contact: Json) -> Json:
        """The event that opened a ticket for this contact."""
        return (await self.hear("opened", lambda value: value["contact_id"] == contact["contact_id"])).value

    async def hear(
        self,
        verb: str,
        which: Callable[[Json], bool] = lambda _: True,
        *,
        topic: str = TICKET,
        seconds: float = SECONDS,
        count: int = 1,
    ) -> Heard:
        """Waits for the n-th event of this verb that fits; fails saying what was heard instead."""
        found: list[Heard] = []

        def enough() -> bool:
            found[:] = [one for one in self.heard if one.topic == topic and one.verb == verb and which(one.value)]
            return len(found) >= count

        await self.until(enough, f"{verb} (#{count})", seconds)
        return found[count - 1]

    async def of(self, ticket_id: str, verb: str, *, seconds: float = SECONDS, count: int = 1) -> Heard:
        """Waits for the n-th event of this verb in the life of a ticket."""
        return await self.hear(verb, lambda value: value.get("ticket_id") == ticket_id, seconds=seconds, count=count)

    async def notice(self, ticket_id: str, verb: str, *, seconds: float = SECONDS) -> Heard:
        """Waits for a notice of this verb about a ticket."""
        return await self.hear(verb, lambda value: value.get("ticket_id") == ticket_id, seconds=seconds, topic=NOTICE)

    async def letter(self, topic: str, key: str, *, count: int = 1, seconds: float = SECONDS) -> Heard:
        """Waits for the n-th dead letter with this key."""
        found: list[Heard] = []

        def enough() -> bool:
            found[:] = [one for one in self.heard if one.topic == topic and one.record.key == key.encode()]
            return len(found) >= count

        await self.until(enough, f"dead letter #{count} of {key}", seconds)
        return found[count - 1]

    async def until(self, condition: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
        """Listens until something is so."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                told = "\n".join(f"  {one.topic} {one.verb} {str(one.value)[:200]}" for one in self.heard[-40:])
                raise AssertionError(f"not heard within {seconds} s: {what}; heard were\n{told}")
            await self.listen(0.1)

    async def listen(self, seconds: float) -> None:
        """Reads what comes for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for records in (await self.consumer.getmany(timeout_ms=max(1, int(left * 1000)))).values():
                self.heard += [_heard(record) for record in records]
            if seconds <= 0.1:
                return

    def story(self, ticket_id: str) -> list[str]:
        """The verbs of a ticket in the order of its log."""
        return [one.verb for one in self.heard if one.topic == TICKET and one.value["ticket_id"] == ticket_id]


def _heard(record: ConsumerRecord) -> Heard:
    headers = dict(record.headers)
    kind = (headers.get("ce_type") or b"").decode("utf-8", "replace").split(".")
    verb = kind[2] if len(kind) > 2 and not record.topic.endswith(".dlq") else ""
    try:
        value = json.loads(record.value or b"null")
    except (ValueError, RecursionError):
        value = None
    return Heard(record.topic, verb, value if isinstance(value, dict) else {}, headers, record, time.monotonic())


async def come_in(environment: dict[str, str]) -> Outside:
    """Connects, positioned at the end of every topic it listens to."""
    servers = environment["KAFKA_BOOTSTRAP_SERVERS"]
    producer = AIOKafkaProducer(bootstrap_servers=servers, max_request_size=4_000_000)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, isolation_level="read_committed", fetch_max_wait_ms=50)
    await asyncio.gather(producer.start(), consumer.start())
    places = [TopicPartition(topic, number) for topic in SUBSCRIBED_EVENTS for number in range(12)]
    consumer.assign(places)
    for place, end in (await consumer.end_offsets(places)).items():
        consumer.seek(place, end)
    return Outside(environment, producer, consumer)


async def go_away(outside: Outside) -> None:
    """Disconnects."""
    await asyncio.gather(outside.producer.stop(), outside.consumer.stop())
