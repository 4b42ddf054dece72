"""The outside world: publishes on Kafka and posts webhooks exactly as a channel, a desk or the platform would."""

import asyncio
import json
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

import httpx
from aiokafka import AIOKafkaProducer

from cli.errors import CommandError
from cli.simulation.channels import Way
from cli.simulation.matters import Letter
from cli.simulation.poison import Poison
from services.intake.edges.credentials import key_of
from services.intake.edges.standard_webhooks import sign
from services.intake.edges.webhook import PATH
from shared.bus.connection import connection
from shared.bus.publisher import MAX_REQUEST_BYTES
from shared.contracts import topics
from shared.contracts.actions import ActionRequested
from shared.contracts.contacts import ContactReceived
from shared.contracts.envelope import CONTENT_TYPE, JSON_TYPE, STRUCTURED_TYPE, Envelope, encode
from shared.contracts.ids import new_id
from shared.contracts.model import Fact
from shared.contracts.reference import AgentChanged, MemberChanged, OrderChanged
from shared.contracts.registry import BY_MODEL
from shared.contracts.topics import Topic
from shared.security.sealing import normalise_handle

RUN_HEADER: Final = "x-simulation"
"""On everything a simulation publishes on Kafka: the run it belongs to."""

Headers = list[tuple[str, bytes | None]]

_SOURCE: Final = "/outside/simulation"
_CONTACT: Final = BY_MODEL[ContactReceived].name
_POSTS_AT_ONCE: Final = 16
_ATTEMPTS: Final = 5


class Outside:
    """A producer and an HTTP client. ``run``: goes with every record. Use as an async context manager."""

    def __init__(self, *, servers: str, intake_url: str, channel_secret: str, run: str) -> None:
        self._producer = AIOKafkaProducer(
            **connection(servers, client_id="kefu-simulation"), acks="all", max_request_size=MAX_REQUEST_BYTES
        )
        self._http = httpx.AsyncClient(base_url=intake_url, timeout=10.0, trust_env=False)
        self._key = key_of(channel_secret.split(",")[0].strip())
        self._run = (RUN_HEADER, run.encode())
        self._posting = asyncio.Semaphore(_POSTS_AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self._failed: list[BaseException] = []

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for task in self._under_way:
            task.cancel()
        await self._producer.stop()
        await self._http.aclose()

    async def tell(self, facts: Iterable[MemberChanged | OrderChanged | AgentChanged]) -> None:
        """Reference data, as the platform publishes it: the topic says the type."""
        for fact in facts:
            match fact:
                case MemberChanged():
                    await self._send(topics.MEMBER, fact.member_id, encode(fact), [])
                case OrderChanged():
                    await self._send(topics.ORDER, fact.order_no, encode(fact), [])
                case AgentChanged():
                    await self._send(topics.AGENT, fact.agent_id, encode(fact), [])

    async def hand_over(self, letter: Letter) -> None:
        """A contact, as often as the channel hands it over, each time the same."""
        contact = letter.as_contact(datetime.now(UTC))
        for _ in range(letter.copies):
            if letter.way is Way.WEBHOOK:
                self._in_background(self._post(contact))
            else:
                await self._send(topics.CONTACT, contact_key(contact), *_packed(contact, letter.way))

    async def act(self, action: ActionRequested, times: int = 1) -> None:
        """A command, so many times."""
        said = action.model_copy(update={"at": datetime.now(UTC)})
        for _ in range(times):
            await self._send(topics.ACTION, action.ticket_id, encode(said), _binary(said, action.ticket_id))

    async def poison(self, poison: Poison, key: str) -> None:
        """What should never be published, on the partition of ``key``."""
        await self._send(topics.CONTACT, key, poison.value, list(poison.headers))

    async def settled(self) -> None:
        """Returns when everything is acknowledged; raises what went wrong on the way."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        await self._producer.flush()
        self.complain()

    def complain(self) -> None:
        """Raises what a webhook could not be posted for."""
        if self._failed:
            raise self._failed[0]

    async def _send(self, topic: Topic, key: str, value: bytes | None, headers: Headers) -> None:
        await self._producer.send(topic.name, value, key=key.encode(), headers=[*headers, self._run])

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._failed.append(error)

    async def _post(self, contact: ContactReceived) -> None:
        """Standard Webhooks: signed, and posted again with the same id while the answer says so."""
        body, message_id = encode(contact), f"msg_{contact.contact_id}"
        async with self._posting:
            for _ in range(_ATTEMPTS):
                now = int(datetime.now(UTC).timestamp())
                headers = {
                    "content-type": JSON_TYPE,
                    "webhook-id": message_id,
                    "webhook-timestamp": str(now),
                    "webhook-signature": sign(self._key, message_id, now, body),
                }
                try:
                    answer = await self._http.post(PATH, content=body, headers=headers)
                except httpx.HTTPError as error:
                    raise CommandError(
                        f"intake at {self._http.base_url} does not answer: {error}",
                        hint="Look at `make status`, or at INTAKE_URL.",
                    ) from None
                if answer.status_code not in (429, 503):
                    break
                await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        if answer.status_code != httpx.codes.ACCEPTED:
            raise CommandError(
                f"intake answered {answer.status_code} to a signed contact: {answer.text[:300]}",
                hint="Look at intake's log (`make status` names it).",
            )


def contact_key(contact: ContactReceived) -> str:
    """The key of a contact: `<channel>:<handle>`."""
    return f"{contact.channel}:{normalise_handle(contact.sender.kind, contact.sender.value)}"


def _packed(contact: ContactReceived, way: Way) -> tuple[bytes, Headers]:
    if way is Way.BINARY:
        return encode(contact), _binary(contact, contact.contact_id)
    if way is Way.PLAIN:
        return encode(contact), [("ce_type", _CONTACT.encode())]
    document = {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": _SOURCE,
        "type": _CONTACT,
        "datacontenttype": JSON_TYPE,
        "data": contact.model_dump(mode="json"),
    }
    return json.dumps(document, ensure_ascii=False).encode(), [(CONTENT_TYPE, STRUCTURED_TYPE.encode())]


def _binary(fact: Fact, subject: str) -> Headers:
    envelope = Envelope(str(new_id()), _SOURCE, BY_MODEL[type(fact)].name, datetime.now(UTC), subject)
    return list(envelope.headers())
