"""What the batch promises, whatever carries the records: the same suite over the real broker and the in-memory one."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.bus import inbox
from shared.bus.record import DLQ_GROUP, DLQ_TOPIC
from shared.contracts import topics
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.envelope import REPLAY_FOR, Envelope, encode
from shared.contracts.services import GROUPS
from tests.integration.bus.conftest import TYPE, Toy
from tests.integration.bus.toy import POISON
from tests.integration.bus.transports import Sent, Transport, in_memory_broker, real_broker


@pytest.fixture(params=[real_broker, in_memory_broker], ids=["real", "in_memory"])
async def transport(request: pytest.FixtureRequest, toy: Toy) -> AsyncIterator[Transport]:
    """Each of the two transports in turn."""
    async with request.param(toy) as made:
        yield made


def an_action(toy: Toy, ticket: int, name: str, *, text: str | None = None, sequence: int | None = None) -> Sent:
    """An action as an outsider sends it, or, with a sequence, as a service of ours would."""
    actor = Actor(kind="agent", id="a")
    action = ActionRequested(action_id=name, ticket_id=toy.ticket(ticket), actor=actor, kind="accept", text=text)
    headers: list[tuple[str, bytes | None]] = [TYPE]
    if sequence is not None:
        envelope = Envelope(f"{toy.run}/{name}", "/kefu/desk", "support.action.requested.v1", None, toy.ticket(ticket))
        headers = [*envelope.headers(), ("ce_sequence", str(sequence).encode())]
    return toy.ticket(ticket), encode(action), headers


def counted(toy: Toy, **expected: int) -> Callable[[], Awaitable[bool]]:
    """Whether the counts are these, by number of the ticket."""

    async def check() -> bool:
        return await toy.counts() == {toy.ticket(int(name[1:])): count for name, count in expected.items()}

    return check


async def test_good_records_are_handled_in_order(transport: Transport, toy: Toy) -> None:
    """Every record is handled once, those of a key in the order they were sent."""
    await transport.send(*(an_action(toy, number % 3, f"a{number}") for number in range(30)))
    await toy.until(counted(toy, t0=10, t1=10, t2=10))
    assert await toy.order_of(toy.ticket(1)) == [f"a{number}" for number in range(30) if number % 3 == 1]


async def test_a_bad_record_is_one_dead_letter(transport: Transport, toy: Toy) -> None:
    """One bad record among good ones becomes a dead letter with its bytes and a reason; the good ones are handled."""
    bad: Sent = (toy.ticket(1), b"\xff{", [TYPE, ("x", b"\xff"), ("y", None)])
    await transport.send(an_action(toy, 1, "a"), bad, an_action(toy, 1, "b"))
    await toy.until(counted(toy, t1=2))
    await toy.until_outbox_is_empty()
    ((key, value, headers),) = await transport.letters()
    assert (key, value, headers["x"], headers["y"]) == (toy.ticket(1).encode(), b"\xff{", b"\xff", None)
    assert headers["dlq_exception"] == b"not_json"


@pytest.fixture
def actions_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy reads actions only; here they stand for a topic that a service of ours writes."""
    monkeypatch.setattr(inbox, "SEQUENCED", frozenset({topics.ACTION.name}))


@pytest.mark.usefixtures("actions_are_ours")
async def test_a_repeated_publication_changes_nothing(transport: Transport, toy: Toy) -> None:
    """An event seen before, or older than the latest of its source, is left out."""
    sent = [an_action(toy, 1, f"a{number}", sequence=number) for number in (5, 6, 5, 6, 4, 7)]
    await transport.send(*sent)
    await transport.send(an_action(toy, 1, "a7", sequence=7), an_action(toy, 2, "last"))
    await toy.until(counted(toy, t1=3, t2=1))
    assert await toy.order_of(toy.ticket(1)) == ["a5", "a6", "a7"]


@pytest.mark.usefixtures("actions_are_ours")
async def test_a_replayed_letter_passes_for_its_group_only(
    transport: Transport, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay is handled by the group it is meant for although newer events came since, and by nobody else."""
    monkeypatch.setitem(GROUPS, "sla", (topics.TICKET, topics.ACTION))
    await transport.send(an_action(toy, 1, "new", sequence=9))
    for group, name in ((b"sla", "not-ours"), (b"routing", "ours")):
        key, value, headers = an_action(toy, 1, name, sequence=3)
        mark = [(DLQ_TOPIC, topics.ACTION.name.encode()), (DLQ_GROUP, group), (REPLAY_FOR, group)]
        await transport.send((key, value, [*headers, *mark]))
    await transport.send(an_action(toy, 2, "last"))
    await toy.until(counted(toy, t1=2, t2=1))
    assert await toy.order_of(toy.ticket(1)) == ["new", "ours"]


MARKS = {
    "alone": [(REPLAY_FOR, b"nobody")],
    "alone, of a group": [(REPLAY_FOR, b"routing")],
    "of a group that does not exist": [(DLQ_TOPIC, b"t"), (DLQ_GROUP, b"nobody"), (REPLAY_FOR, b"nobody")],
    "of a group that does not read it": [(DLQ_TOPIC, b"t"), (DLQ_GROUP, b"sla"), (REPLAY_FOR, b"sla")],
    "of another topic": [(DLQ_TOPIC, b"support.ticket.v1"), (DLQ_GROUP, b"sla"), (REPLAY_FOR, b"sla")],
    "of two groups": [(DLQ_TOPIC, b"t"), (DLQ_GROUP, b"sla"), (REPLAY_FOR, b"routing")],
}


async def test_a_forged_replay_is_an_ordinary_record(transport: Transport, toy: Toy) -> None:
    """Marks that no replay of ours bears make no record vanish: it is handled once, like any other."""
    for number, marks in enumerate(MARKS.values()):
        key, value, headers = an_action(toy, number, f"a{number}")
        mine = [(name, topics.ACTION.name.encode() if mark == b"t" else mark) for name, mark in marks]
        await transport.send((key, value, [*headers, *mine]))
    await toy.until(counted(toy, **{f"t{number}": 1 for number in range(len(MARKS))}))


async def test_a_bug_costs_one_record(transport: Transport, toy: Toy) -> None:
    """A record the handler fails on is given up alone, with the error as its reason."""
    await transport.send(*(an_action(toy, 1, f"a{n}", text=POISON if n == 2 else None) for n in range(5)))
    await toy.until(counted(toy, t1=4))
    await toy.until_outbox_is_empty()
    ((_, _, headers),) = await transport.letters()
    assert headers["dlq_exception"] == b"ZeroDivisionError"
