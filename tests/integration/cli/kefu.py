"""The `kefu` command as a program, and what a test of it puts on a broker and finds there."""

import asyncio
import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.bus.dead_letters import dead_letter
from shared.bus.publisher import Outgoing, partition_of
from shared.bus.raw_batch import RawRecord
from shared.bus.record import Record
from shared.bus.tail import tail_of
from shared.contracts import tickets, topics
from shared.contracts.envelope import Envelope, encode
from shared.contracts.registry import BY_MODEL

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)
POISON = b'\xff{"phone": "13900001234"'
HEADERS = (("ce_type", b"support.contact.received.v1"), ("x", b"\xff\x00"), ("n", None))


class Command:
    """`kefu`, as a program, with a broker."""

    def __init__(self, servers: str) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("KEFU_", "KAFKA_"))}
        self.servers = servers
        self.environment = own | {"KAFKA_BOOTSTRAP_SERVERS": servers, "KEFU_LOCAL_DIR": "/nonexistent"}
        self.base = [sys.executable, "-m", "cli.main"]
        self.told = ""
        """What it said on stderr, the last time."""

    def __call__(self, *words: str, given: bytes = b"", code: int = 0) -> bytes:
        done = subprocess.run(
            [*self.base, *words],
            input=given,
            capture_output=True,
            cwd=ROOT,
            env=self.environment,
            timeout=60,
            check=False,
        )
        self.told = done.stderr.decode()
        assert done.returncode == code, self.told
        return done.stdout

    async def begin(self, *words: str) -> asyncio.subprocess.Process:
        """One that goes on until somebody ends it."""
        return await asyncio.create_subprocess_exec(
            *self.base, *words, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=self.environment
        )

    def refusal(self, *words: str, **variables: str) -> str:
        environment = self.environment | variables
        done = subprocess.run(
            [*self.base, *words], capture_output=True, cwd=ROOT, env=environment, timeout=60, check=False
        )
        assert done.returncode == 1
        return done.stderr.decode()

    def lines(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*words, "--json").splitlines()]


def letter(key: bytes, value: bytes | None = POISON, reason: str = "not_json") -> Outgoing:
    """A dead letter as intake writes it."""
    place = partition_of(key)
    record = Record(topics.CONTACT.name, place, 41, key, value, HEADERS, 0, None, None, None)
    return dead_letter(record, group="intake", reason=reason, message="it is no JSON", attempts=1, at=NOW)


def event(ticket_id: str, number: str, model: type[tickets.TicketEvent], seconds: float, **fields: Any) -> Outgoing:
    """An event of a ticket as its writer publishes it."""
    at = NOW + timedelta(seconds=seconds)
    fact = model(ticket_id=ticket_id, ticket_no=number, member_id="M-1", tier="gold", at=at, **fields)
    event_type = BY_MODEL[model]
    envelope = Envelope(str(uuid.uuid4()), f"/kefu/{event_type.writer}", event_type.name, at, ticket_id)
    key = ticket_id.encode()
    return Outgoing(event_type.topic.name, partition_of(key), key, encode(fact), tuple(envelope.headers()))


def opened_and_assigned(ticket_id: str, number: str) -> list[Outgoing]:
    reason = tickets.AssignmentReason(rule="most_skilled", candidates=3, slack_seconds=280.0)
    return [
        event(ticket_id, number, tickets.TicketOpened, 0, channel="chat", contact_id="c", problem_type="refund"),
        event(ticket_id, number, tickets.TicketAssigned, 1, agent_id="A1", queue="order", reason=reason),
    ]


async def of_key(servers: str, topic: str, key: bytes) -> list[Any]:
    """The records of a key, as any consumer sees them."""
    async with tail_of(servers, client_id="test") as tail:
        places = (await tail.partitions([topic]))[topic]
        found = tail.read(await tail.begins(places), await tail.ends(places))
        return [one async for one in found if isinstance(one, RawRecord) and one.key == key]
