"""Routing's handler and loops over a real database of their own; what is published is kept for the test to read."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.routing.loops.kept_actions import KeptActions
from services.routing.loops.matching import Matching
from services.routing.loops.time_outs import TimeOuts
from services.routing.rules.rule_file import load_rules
from services.routing.subscribers import subscriber
from services.routing.use_cases.vouching import Vouching
from shared.bus.record import DLQ_GROUP, DLQ_TOPIC, Record
from shared.bus.transactions import Handler
from shared.contracts import topics
from shared.contracts.actions import ActionRequested
from shared.contracts.envelope import REPLAY_FOR
from shared.contracts.model import Fact
from shared.contracts.reference import AgentChanged, MemberChanged
from shared.contracts.tickets import TicketEscalated, TicketOpened, TicketPromised
from shared.security.action_tokens import ActionSignatures, ActionTokens
from shared.security.sealing import Sealer
from tests.integration.harness import Harness, record
from tests.integration.own_database import own_transactions
from tests.shipped import CONFIG

RULES = load_rules(CONFIG)
REPLAYED = ((DLQ_TOPIC, topics.ACTION.name.encode()), (DLQ_GROUP, b"routing"), (REPLAY_FOR, b"routing"))
TAKEN_AT_THEIR_WORD = Vouching(ActionSignatures(""), ActionTokens.OPTIONAL)


@dataclass
class Routing(Harness):
    """Routing, its loops a step at a time, and short ways to say things to it."""

    vouching: Vouching = TAKEN_AT_THEIR_WORD

    @property
    def handler(self) -> Handler:
        """See ``Harness``."""
        return subscriber(RULES, self.sealer, lambda: None, self.vouching)

    async def agent(self, agent_id: str, version: int = 1, **fields: Any) -> None:
        """What the platform says of an agent; online with one place unless said otherwise."""
        document = {"agent_id": agent_id, "version": version, "presence": "online", "capacity": 1, **fields}
        await self.hear(record(topics.AGENT, agent_id, AgentChanged.model_validate(document)))

    async def agent_gone(self, agent_id: str) -> None:
        """The platform deletes an agent."""
        await self.hear(record(topics.AGENT, agent_id, None))

    async def member(self, member_id: str, **fields: Any) -> None:
        """What the platform says of a member."""
        document = {"member_id": member_id, "version": 1, **fields}
        await self.hear(record(topics.MEMBER, member_id, MemberChanged.model_validate(document)))

    def opened(self, ticket_id: str | None = None, **fields: Any) -> TicketOpened:
        """A ticket of member m-1, opened now."""
        base = {
            "ticket_id": ticket_id or str(uuid.uuid4()),
            "ticket_no": "T-1",
            "member_id": "m-1",
            "at": datetime.now(UTC),
            "channel": "chat",
            "contact_id": "c-1",
            "problem_type": "refund",
        }
        return TicketOpened.model_validate({**base, **fields})

    async def ticket(self, ticket_id: str | None = None, **fields: Any) -> str:
        """Opens a ticket that has its promise of a first answer in an hour, and matches."""
        opened = self.opened(ticket_id, **fields)
        promised = self.about(
            opened, TicketPromised, first_answer_due=opened.at + timedelta(hours=1), policy="p", calendar="c"
        )
        await self.tell(opened, promised)
        await self.match()
        return opened.ticket_id

    def about(self, opened: TicketOpened, model: type[Fact], **fields: Any) -> Fact:
        """A further event of a ticket."""
        base = {"ticket_id": opened.ticket_id, "ticket_no": "T-1", "member_id": "m-1", "at": datetime.now(UTC)}
        return model.model_validate({**base, **fields})

    async def escalate(self, ticket_id: str, team: str = "supervisor", level: int = 1) -> None:
        """What sla says when a promise broke."""
        await self.tell(
            TicketEscalated(
                ticket_id=ticket_id, ticket_no="T-1", at=datetime.now(UTC), level=level, team=team, cause="breach"
            )
        )

    def action(self, ticket_id: str, kind: str, actor: str, *headers: tuple[str, bytes], **fields: Any) -> Record:
        """An action by ``<kind>:<id>``."""
        actor_kind, _, actor_id = actor.partition(":")
        document = {
            "action_id": str(uuid.uuid4()),
            "ticket_id": ticket_id,
            "actor": {"kind": actor_kind, "id": actor_id},
            "kind": kind,
            **fields,
        }
        return record(topics.ACTION, ticket_id, ActionRequested.model_validate(document), *headers)

    async def act(self, ticket_id: str, kind: str, actor: str, **fields: Any) -> None:
        """An action, in a batch of its own."""
        await self.hear(self.action(ticket_id, kind, actor, **fields))

    async def match(self) -> None:
        """Rounds of matching until there is nothing more to give."""
        while await Matching(RULES, 500).step(self.transactions):
            pass

    async def time_outs(self) -> None:
        """Acts on all that is due."""
        loop = TimeOuts(RULES, lambda: None)
        await loop.due(self.transactions)
        await loop.absent(self.transactions)

    async def kept_actions(self) -> None:
        """Looks after actions that wait for their ticket."""
        await KeptActions(RULES, self.sealer, lambda: None).step(self.transactions)

    async def sql(self, statement: str, *values: Any) -> None:
        """Changes the database as time or a crash would."""
        await self.transactions.pool.execute(statement, *values)

    async def value(self, query: str, *values: Any) -> Any:
        """One value from the database."""
        return await self.transactions.pool.fetchval(query, *values)

    async def load(self, agent_id: str) -> int:
        """The load of an agent."""
        return int(await self.value("select load from agent where agent_id = $1", agent_id))

    async def overdue(self) -> None:
        """All accept timers fall due, and are acted on."""
        await self.sql("update ticket set accept_due = now() - interval '1 second' where accept_due is not null")
        await self.sql("update timer set due_at = now() - interval '1 second'")
        await self.time_outs()

    def said(self, ticket_id: str) -> list[str]:
        """The verbs of the events about a ticket, in order."""
        return [type(event).__name__.removeprefix("Ticket").lower() for event in self.events(ticket_id)]


@pytest.fixture
async def routing(servers: dict[str, str]) -> AsyncIterator[Routing]:
    """Routing on a database of its own."""
    async with own_transactions(servers["DATABASE_URL"], "routing") as (transactions, kept):
        yield Routing(transactions, kept, Sealer([b"k" * 32], service="routing"))
