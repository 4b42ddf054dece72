"""The `kefu` command against a real broker: what it reads, replays and publishes."""

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.kafka_log import log_reader, partitions_of, read_to_end
from shared.bus.dead_letters import dead_letter
from shared.bus.publisher import KafkaPublisher, Outgoing, partition_of
from shared.bus.record import Record
from shared.bus.topics import create
from shared.contracts import tickets, topics
from shared.contracts.envelope import Envelope, encode
from shared.contracts.registry import BY_MODEL
from shared.contracts.services import DEAD_LETTERS, GROUPS

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
        assert done.returncode == code, done.stderr.decode()
        return done.stdout

    def refusal(self, *words: str, **variables: str) -> str:
        environment = self.environment | variables
        done = subprocess.run(
            [*self.base, *words], capture_output=True, cwd=ROOT, env=environment, timeout=60, check=False
        )
        assert done.returncode == 1
        return done.stderr.decode()

    def lines(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*words, "--json").splitlines()]


@pytest.fixture
async def kefu(servers: dict[str, str]) -> Command:
    """The command, on a broker that has the topics."""
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
    return Command(servers["KAFKA_BOOTSTRAP_SERVERS"])


@pytest.fixture
async def publisher(servers: dict[str, str]) -> AsyncIterator[KafkaPublisher]:
    """Puts records on the broker as a service does."""
    publisher = KafkaPublisher(servers["KAFKA_BOOTSTRAP_SERVERS"], client_id="test")
    yield publisher
    await publisher.close()


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
    async with log_reader(servers) as consumer:
        places = (await partitions_of(servers, [topic]))[topic]
        return [record async for record in read_to_end(consumer, places) if record.key == key]


async def test_a_replay_is_byte_for_byte_and_is_remembered(kefu: Command, publisher: KafkaPublisher) -> None:
    """A dead letter goes back to its topic and partition as it was, for its group, and the list says so."""
    key = f"phone:{uuid.uuid4()}".encode()
    await publisher.publish([letter(key)])
    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]
    assert (listed["reason"], listed["size"], listed["replayed_at"]) == ("not_json", len(POISON), None)
    assert kefu("dead-letters", "show", listed["id"], "--raw") == POISON

    assert kefu("dead-letters", "replay", listed["id"]).decode().strip() == listed["id"]

    (again,) = await of_key(kefu.servers, topics.CONTACT.name, key)
    assert (again.value, again.partition) == (POISON, partition_of(key))
    mark = (("dlq_topic", topics.CONTACT.name.encode()), ("dlq_group", b"intake"), ("kefu_replay_for", b"intake"))
    assert tuple(again.headers) == (*HEADERS, *mark)
    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]
    assert listed["replayed_at"]
    kefu("dead-letters", "replay", listed["id"], code=1)
    kefu("dead-letters", "replay", listed["id"], "--again")
    assert len(await of_key(kefu.servers, topics.CONTACT.name, key)) == 2


async def test_a_mended_value_is_replayed_in_its_place(kefu: Command, publisher: KafkaPublisher) -> None:
    """`--value -` puts other bytes under the same key and headers."""
    key = f"phone:{uuid.uuid4()}".encode()
    await publisher.publish([letter(key)])
    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]

    kefu("dead-letters", "replay", listed["id"], "--value", "-", given=b'{"mended": true}')

    (again,) = await of_key(kefu.servers, topics.CONTACT.name, key)
    assert again.value == b'{"mended": true}'


async def test_all_are_replayed_only_when_said_so(kefu: Command, publisher: KafkaPublisher) -> None:
    """`--all` without a person or `--yes` does nothing; with it every letter goes once, a null value included."""
    keys = [f"phone:{uuid.uuid4()}".encode() for _ in range(3)]
    chosen = ("--all", "--reason", f"test-{uuid.uuid4()}")
    await publisher.publish([letter(key, None, chosen[-1]) for key in keys])

    kefu("dead-letters", "replay", *chosen, code=1)
    kefu("dead-letters", "replay", *chosen, "--dry-run")
    assert [await of_key(kefu.servers, topics.CONTACT.name, key) for key in keys] == [[], [], []]

    kefu("dead-letters", "replay", *chosen, "--yes")
    kefu("dead-letters", "replay", *chosen, "--yes")

    for key in keys:
        (again,) = await of_key(kefu.servers, topics.CONTACT.name, key)
        assert again.value is None


async def test_a_ticket_is_found_by_number_and_by_id(kefu: Command, publisher: KafkaPublisher) -> None:
    """Both names lead to the same story; a name nobody bears is exit 1."""
    ticket_id, number = str(uuid.uuid4()), f"KF-{uuid.uuid4().hex[:8]}"
    await publisher.publish(opened_and_assigned(ticket_id, number))

    (by_id,), (by_number,) = kefu.lines("ticket", "show", ticket_id), kefu.lines("ticket", "show", number)

    assert by_id == by_number
    assert [entry["verb"] for entry in by_id["story"]] == ["opened", "assigned"]
    assert (by_id["agent_id"], by_id["state"]) == ("A1", "assigned")
    assert number in kefu("ticket", "show", number).decode()
    assert "most_skilled, 3 could have taken it, 280 s" in kefu("ticket", "explain", number).decode()
    assert number in {one["ticket_no"] for one in kefu.lines("ticket", "list", "--open", "--type", "refund")}
    assert kefu.lines("ticket", "list", "--member", "nobody") == []
    kefu("ticket", "show", str(uuid.uuid4()), code=1)


async def test_an_action_is_published_as_by_any_desk(kefu: Command, publisher: KafkaPublisher) -> None:
    """`kefu ticket act` by number: the command lies on the action topic under the ticket's id, and its id is told."""
    ticket_id, number = str(uuid.uuid4()), f"KF-{uuid.uuid4().hex[:8]}"
    await publisher.publish(opened_and_assigned(ticket_id, number))

    action_id = kefu("ticket", "act", number, "answer", "--actor", "agent:A1", "--text", "已补发").decode().strip()

    (record,) = await of_key(kefu.servers, topics.ACTION.name, ticket_id.encode())
    action = json.loads(record.value)
    assert (action["action_id"], action["ticket_id"], action["text"]) == (action_id, ticket_id, "已补发")
    assert action["actor"] == {"kind": "agent", "id": "A1"}


async def test_watching_a_ticket_tells_what_was_and_what_comes(kefu: Command, publisher: KafkaPublisher) -> None:
    """From the first event of the ticket on, each as it happens, and one that was published twice once."""
    ticket_id, number = str(uuid.uuid4()), f"KF-{uuid.uuid4().hex[:8]}"
    await publisher.publish(opened_and_assigned(ticket_id, number))
    command = [*kefu.base, "ticket", "watch", ticket_id, "--json"]
    watching = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=kefu.environment
    )
    assert watching.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert [json.loads(await watching.stdout.readline())["verb"] for _ in range(2)] == ["opened", "assigned"]
            accepted = event(ticket_id, number, tickets.TicketAccepted, 2, agent_id="A1")
            declined = event(ticket_id, number, tickets.TicketDeclined, 3, agent_id="A1", cause="declined")
            await publisher.publish([accepted])
            await publisher.publish([accepted])  # as its writer does after it died between publishing and noting it
            await publisher.publish([declined])
            assert [json.loads(await watching.stdout.readline())["verb"] for _ in range(2)] == ["accepted", "declined"]
    finally:
        watching.terminate()
        await watching.wait()


async def test_the_topics_are_as_the_contract_has_them(kefu: Command) -> None:
    """On a broker whose topics we created nothing is missing and nothing differs."""
    reports = {report["name"]: report for report in kefu.lines("topics")}
    assert set(reports) == {*(topic.name for topic in topics.ALL), *DEAD_LETTERS}
    assert [report["differences"] for report in reports.values() if report["differences"]] == []
    assert reports[topics.TICKET.name]["partitions"] == topics.PARTITIONS
    assert set(reports[topics.TICKET.name]["lag"]) == {group for group, read in GROUPS.items() if topics.TICKET in read}


async def test_a_simulation_without_intake_is_a_sentence_and_no_traceback(kefu: Command) -> None:
    """Where intake does not answer, `kefu simulate` says so and what to look at: exit 1."""
    own = {"INTAKE_URL": "http://127.0.0.1:1", "CHANNEL_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    words = ("simulate", "--contacts", "40", "--rate", "40", "--patience", "1")
    told = kefu.refusal(*words, **own)
    assert "intake at http://127.0.0.1:1 does not answer" in told
    assert "make status" in told
    assert "Traceback" not in told
