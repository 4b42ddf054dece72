"""Notify over a real database, and the sandbox carrier over real sockets; only Kafka is a list to read from."""

import asyncio
import base64
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from deploy.carrier.app import build_carrier
from deploy.carrier.settings import CarrierSettings
from services.notify.api.card import card_routes
from services.notify.api.card_signer import CardSigner
from services.notify.api.receipts import receipt_routes
from services.notify.api.verify import verify_routes
from services.notify.domain.follow_up import FollowUpPolicy
from services.notify.gateways.sandbox import SandboxCarrier
from services.notify.gateways.sender import Sender
from services.notify.loops.dispatch import Dispatcher
from services.notify.rules.known_texts import learn_or_refuse
from services.notify.rules.rule_files import TEMPLATES, NotifyRules, load_rules
from services.notify.subscribers import subscriber
from services.notify.use_cases.dispatch.call import ProviderCalls
from services.notify.use_cases.dispatch.claim import Claimed, Claims
from services.notify.use_cases.evidence_batcher import EvidenceBatcher
from shared.bus.transactions import Handler
from shared.contracts import tickets, topics
from shared.contracts.reference import Handle, MemberChanged, PushAddress
from shared.contracts.registry import BY_MODEL
from shared.contracts.ticket_numbers import ticket_number
from shared.contracts.vocabulary import NoticeChannel
from shared.http.body import BodyGuard
from shared.http.problems import install_problem_documents
from shared.security.sealing import Sealer
from shared.security.tokens import Tokens
from tests.integration.harness import Harness, record
from tests.integration.own_database import own_transactions
from tests.shipped import CONFIG

RECEIPT_SECRET = secrets.token_urlsafe(24)
CARRIER_SECRET = secrets.token_urlsafe(24)
TOKENS = Tokens(base64.b64encode(secrets.token_bytes(32)).decode())
CARD_KEY = base64.b64encode(secrets.token_bytes(32)).decode()

SHIPPED = load_rules(CONFIG)
IMPATIENT = FollowUpPolicy(
    doubt=tuple(timedelta(seconds=wait) for wait in (0.2, 0.6, 1.2)),
    receipt=tuple(timedelta(seconds=wait) for wait in (0.5, 1.5)),
)

"""The shipped rules, except that a lost answer is followed up within a second instead of half a minute."""


@asynccontextmanager
async def serving(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """The application on a real socket of this machine: its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@dataclass
class Notify(Harness):
    """Notify, its worker a step at a time, and short ways to say things to it."""

    rules: NotifyRules
    url: str = ""
    carrier_url: str = ""
    senders: list[Sender] = field(default_factory=list)

    @property
    def handler(self) -> Handler:
        """See ``Harness``."""
        return subscriber(self.sealer, self.rules)

    def dispatcher(self, sender: Sender | None = None, *, call_seconds: float = 0.5) -> Dispatcher:
        """A worker of its own, as each replica has one."""
        sender = sender or SandboxCarrier(self.carrier_url, CARRIER_SECRET)
        self.senders.append(sender)
        claims = self._claims(sender.name, call_seconds)
        calls = ProviderCalls({sender.name: sender}, EvidenceBatcher(self.rules.follow_up), self.rules, call_seconds)
        return Dispatcher(claims, calls, most=32)

    async def claim(self, most: int) -> Claimed:
        """What a worker claims whose process dies right after: none of the calls is made."""
        async with self.transactions.begin() as work:
            return await self._claims(SandboxCarrier.name, 0.5).take(work, most)

    def _claims(self, provider: str, call_seconds: float) -> Claims:
        providers = dict.fromkeys((NoticeChannel.SMS.value, NoticeChannel.PUSH.value), provider)
        return Claims(self.rules, self.sealer, providers, call_seconds)

    async def member(
        self, member_id: str = "m-1", *, phone: str | None = None, push: str | None = None, **fields: Any
    ) -> None:
        """What the platform says of a member: a verified phone and a device, where given."""
        handles = (Handle(kind="phone", value=phone, verified=True),) if phone else ()
        devices = (PushAddress(provider="jpush", token=push),) if push else ()
        known = {"handles": handles, "push": devices, "version": 1, **fields}
        await self.hear(record(topics.MEMBER, member_id, MemberChanged(member_id=member_id, **known)))

    async def open(self, member_id: str | None = "m-1", **fields: Any) -> str:
        """A ticket is opened by a member whose handle we know."""
        ticket_id = str(uuid.uuid4())
        await self.tell(opened(ticket_id, member_id, **fields))
        return ticket_id

    async def work(self, dispatcher: Dispatcher, until: Callable[[], bool], *, seconds: float = 15) -> None:
        """Lets the worker run until something is so; fails when it never is."""
        async with asyncio.timeout(seconds):
            while not until():
                await dispatcher.step(self.transactions)
                await asyncio.sleep(0.02)

    async def settle(self, dispatcher: Dispatcher, ticket_id: str, *states: str) -> None:
        """Lets the worker run until the ticket's notices have gone through exactly these states."""
        try:
            await self.work(dispatcher, lambda: self.states(ticket_id) == list(states))
        except TimeoutError:
            raise AssertionError(f"{self.states(ticket_id)} instead of {list(states)}") from None

    def notices(self, ticket_id: str) -> list[Any]:
        """What was published about the ticket's notices, in order: (state, event)."""
        return [(BY_MODEL[type(event)].name.split(".")[2], event) for event in self.events(ticket_id)]

    def states(self, ticket_id: str) -> list[str]:
        """The states published about the ticket's notices, in order."""
        return [state for state, _ in self.notices(ticket_id)]

    def reasons(self, ticket_id: str) -> list[str | None]:
        """The reasons published about the ticket's notices, in order."""
        return [event.reason for _, event in self.notices(ticket_id)]

    async def handset(self) -> dict[str, Any]:
        """What reached the handsets, by the carrier's own count."""
        async with httpx.AsyncClient(base_url=self.carrier_url, trust_env=False) as client:
            return (await client.get("/v1/handset")).json()  # type: ignore[no-any-return]

    async def row(self, ticket_id: str) -> Any:
        """The row of the ticket's only notice."""
        return await self.transactions.pool.fetchrow("select * from intent where ticket_id = $1", ticket_id)


def opened(ticket_id: str, member_id: str | None = "m-1", **fields: Any) -> tickets.TicketOpened:
    """A ticket opened now by somebody whose handle is known."""
    base = {
        "ticket_id": ticket_id,
        "ticket_no": ticket_number(42, datetime.now(UTC)),
        "member_id": member_id,
        "at": datetime.now(UTC),
        "channel": "phone",
        "contact_id": "c-1",
        "problem_type": "refund",
        "identity": "handle",
    }
    return tickets.TicketOpened.model_validate({**base, **fields})


def about(ticket_id: str, model: type[tickets.TicketEvent], **fields: Any) -> tickets.TicketEvent:
    """A further event of a ticket."""
    base = {"ticket_id": ticket_id, "ticket_no": ticket_number(42, datetime.now(UTC)), "at": datetime.now(UTC)}
    return model.model_validate({**base, **fields})


def carrier_settings(folder: Path, notify_url: str, **fields: Any) -> CarrierSettings:
    """A carrier whose deliveries take little time."""
    given = {
        "carrier_dir": folder,
        "carrier_secret": SecretStr(CARRIER_SECRET),
        "carrier_delivery_seconds": (0.05, 0.2),
        "carrier_query_lag_seconds": 0.3,
        "carrier_hang_seconds": 3,
        "notify_url": notify_url,
        "receipt_secret": SecretStr(RECEIPT_SECRET),
    }
    return CarrierSettings(**{**given, **fields})


@pytest.fixture
async def notify(servers: dict[str, str], tmp_path: Path) -> AsyncIterator[Notify]:
    """Notify on a database of its own, its receipts' address, and a carrier."""
    async with own_transactions(servers["DATABASE_URL"], "notify") as (transactions, kept):
        notify = Notify(
            transactions, kept, Sealer([b"k" * 32], service="notify"), replace(SHIPPED, follow_up=IMPATIENT)
        )
        async with transactions.pool.acquire() as connection:
            await learn_or_refuse(connection, SHIPPED.policy.catalogues, CONFIG / TEMPLATES)
        app = FastAPI()
        install_problem_documents(app)
        app.add_middleware(BodyGuard, seconds=10.0)
        app.include_router(receipt_routes(EvidenceBatcher(notify.rules.follow_up), RECEIPT_SECRET))
        app.include_router(verify_routes(notify.rules, notify.sealer, TOKENS))
        app.include_router(card_routes(notify.rules, notify.sealer, TOKENS, CardSigner(CARD_KEY)))
        app.state.running = SimpleNamespace(transactions=transactions)
        async with serving(app) as notify.url:
            carrier = build_carrier(carrier_settings(tmp_path, notify.url))
            async with serving(carrier) as notify.carrier_url:
                yield notify
                for sender in notify.senders:
                    await sender.close()
