"""Batches as strangers write them lie between honest records, or on a disk that fails: no honest record is lost."""

import asyncio
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from deploy.local.stack import Stack
from shared.bus.publisher import partition_of
from shared.contracts import topics
from tests.integration.bus.conftest import TYPE, Toy
from tests.raw_batches import GBK_NAME, a_record, corpus, put, raw_batch

DEAD_LETTERS = topics.ACTION.dead_letters("routing")
RAW_TYPE = (TYPE[0].encode(), TYPE[1])


def an_action(ticket: str, name: str) -> bytes:
    """A good action."""
    return (
        f'{{"action_id": "{name}", "ticket_id": "{ticket}", "kind": "accept", "actor": {{"kind": "agent", "id": "a"}}}}'
    ).encode()


def place_of(key: str) -> TopicPartition:
    """Where the actions of a key lie."""
    return TopicPartition(topics.ACTION.name, partition_of(key.encode()))


@pytest.mark.parametrize("is_running", [True, False], ids=["while it reads", "before it reads"])
async def test_all_honest_records_around_hostile_batches_are_handled(
    toy: Toy, keys_of_one_partition: Callable[[str, int], list[str]], is_running: bool
) -> None:
    """On one partition, honest records around every batch of the corpus are counted once, and so is what is good."""
    (key,) = keys_of_one_partition(toy.run, 1)
    servers, place = toy.environment["KAFKA_BOOTSTRAP_SERVERS"], place_of(key)
    if is_running:
        toy.start()
    expected: list[str] = []
    refused: dict[str, bool] = {}

    def honest(number: int) -> bytes:
        return an_action(key, f"good-{number}")

    for number, (name, case) in enumerate(corpus(key.encode(), honest, [RAW_TYPE])):
        await toy.act(key, f"before-{number}")
        expected.append(f"before-{number}")
        offset = await put(servers, place, case.batch)
        if offset is None:
            refused[name] = case.good
        elif case.good:
            expected.append("good")
    await toy.act(key, "last")
    if not is_running:
        toy.start()
    await toy.until_counted(len(expected) + 1, seconds=90)
    await toy.until_outbox_is_empty()
    order = [name.partition("-")[0] if name.startswith("good") else name for name in await toy.order_of(key)]
    assert order == [*expected, "last"]
    assert [name for name, good in refused.items() if good] == []
    assert {"a wrong checksum", "format 3"} < refused.keys() < dict(corpus(b"", honest, [RAW_TYPE])).keys()
    letters = [dict(letter.headers) for letter in await toy.said(DEAD_LETTERS, of=None)]
    mine = [told for told in letters if told["dlq_partition"] == str(place.partition).encode()]
    assert {b"unreadable", b"too_large"} <= {told["dlq_exception"] for told in mine}


async def test_a_name_in_gbk_is_in_the_letter(toy: Toy) -> None:
    """A bad record with such a header is a dead letter whose names everybody can read."""
    key = toy.ticket(1)
    record = a_record(key.encode(), b"{", [RAW_TYPE, (GBK_NAME, b"1")])
    await put(toy.environment["KAFKA_BOOTSTRAP_SERVERS"], place_of(key), raw_batch(record))
    await toy.act(key, "good")
    toy.start()
    await toy.until_counted(1)
    await toy.until_outbox_is_empty()
    (letter,) = await toy.said(DEAD_LETTERS)
    told = dict(letter.headers)
    assert told[r"\xb6\xa9\xb5\xa5\xba\xc5"] == b"1"
    assert json.loads(told["dlq_header_names"] or b"") == {"1": GBK_NAME.hex()}


async def test_an_open_transaction_holds_nobody_up(toy: Toy) -> None:
    """What an outsider wrote and never ended is handled at once, and so is what others wrote behind it."""
    toy.start()
    await toy.act(toy.ticket(1), "first")
    await toy.until_counted(1)
    async with AIOKafkaProducer(
        bootstrap_servers=toy.environment["KAFKA_BOOTSTRAP_SERVERS"], transactional_id=f"open-{toy.run}"
    ) as outsider:
        await outsider.begin_transaction()
        key = toy.ticket(1).encode()
        await outsider.send_and_wait(topics.ACTION.name, an_action(toy.ticket(1), "open"), key, headers=[TYPE])
        await toy.act(toy.ticket(1), "behind")
        await toy.until_counted(3)
        await outsider.abort_transaction()
    await toy.act(toy.ticket(1), "last")
    await toy.until_counted(4)
    assert await toy.order_of(toy.ticket(1)) == ["first", "open", "behind", "last"]


@pytest.fixture
def damaged(toy: Toy, server_stack: Stack) -> Callable[[TopicPartition, bytes], Callable[[], None]]:
    """Spoils the one place on the broker's disk where some bytes stand; gives back what mends it."""

    def spoil(place: TopicPartition, content: bytes) -> Callable[[], None]:
        folder = server_stack.layout.kafka / "data" / f"{place.topic}-{place.partition}"
        if not folder.exists():
            pytest.skip("Kafka was named by the environment; its disk is not ours to spoil")
        (segment,) = (path for path in folder.glob("*.log") if content in path.read_bytes())
        at = segment.read_bytes().index(content)
        _write(segment, at, b"#")
        return lambda: _write(segment, at, content[:1])

    return spoil


@pytest.mark.parametrize("ending", ["mended", "skipped"])
async def test_a_damaged_batch_halts_its_partition_alone(
    toy: Toy,
    keys_of_one_partition: Callable[[str, int], list[str]],
    damaged: Callable[[TopicPartition, bytes], Callable[[], None]],
    ending: str,
) -> None:
    """The others go on, all who ask are told, and it goes on once the disk is mended or an operator says so."""
    (key,) = keys_of_one_partition(toy.run, 1)
    place = place_of(key)
    elsewhere = next(ticket for ticket in map(toy.ticket, range(100)) if place_of(ticket) != place)
    toy.environment["TOY_GROUP"] = "routing"
    for name in ("before", f"{toy.run}-damaged", "behind"):
        await toy.act(key, name)
    mend = damaged(place, f"{toy.run}-damaged".encode())
    try:
        port = _free_port()
        process = toy.start(KEFU_HTTP_PORT=str(port))
        await toy.act(elsewhere, "elsewhere")
        await toy.until_counted(2)

        async def is_told() -> bool:
            return f"{place.topic}[{place.partition}] cannot be read" in await asyncio.to_thread(_readyz, port)

        await toy.until(is_told)
        await asyncio.sleep(2)
        told = await _kefu(toy, "topics", "--json")
        assert f"[{place.partition}] cannot be read at offset" in told
        await toy.act(elsewhere, "later")
        await toy.until_counted(3)
        assert await toy.order_of(key) == ["before"]
        if ending == "mended":
            mend()
        else:
            offset = told.partition("cannot be read at offset ")[2].partition(":")[0]
            assert "no service is halted" in await _kefu(
                toy, "topics", "skip", place.topic, str(place.partition), "987654"
            )
            told = await _kefu(toy, "topics", "skip", place.topic, str(place.partition), offset)
            assert f"routing has gone on behind {place.topic}[{place.partition}]@{offset}" in told
        await toy.until_counted(5 if ending == "mended" else 4)
        between = [f"{toy.run}-damaged"] if ending == "mended" else []
        assert await toy.order_of(key) == ["before", *between, "behind"]

        async def is_well() -> bool:
            return await asyncio.to_thread(_readyz, port) == ""

        await toy.until(is_well)
        assert process.poll() is None
        await toy.until_outbox_is_empty()
        if ending == "skipped":
            letters = [dict(letter.headers) for letter in await toy.said(DEAD_LETTERS, of=None)]
            (letter,) = (told for told in letters if told.get("batch_begin") == offset.encode())
            assert letter["dlq_exception"] == b"skipped"
            assert len(letter["batch_sha256"] or b"") == 64
            assert "skipped" in await _kefu(toy, "dead-letters", "list")
    finally:
        mend()


def _write(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _readyz(port: int) -> str:
    """What is failing; nothing when it is ready."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
    except HTTPError as unready:
        return unready.read().decode()
    except OSError as away:
        return str(away)
    return ""


async def _kefu(toy: Toy, *arguments: str) -> str:
    command = [sys.executable, "-m", "cli.main", *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, env={**toy.environment, "PATH": ""}, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr
