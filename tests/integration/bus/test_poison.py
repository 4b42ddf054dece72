"""Bad records lie between good ones: no good one is lost, every bad one is a dead letter byte for byte."""

import asyncio
import time
from collections.abc import Callable

from shared.contracts import topics
from tests.integration.bus.conftest import POISON, TYPE, Toy
from tests.integration.bus.toy import VERBOSE

DEAD_LETTERS = topics.ACTION.dead_letters("routing")

BAD: dict[str, tuple[bytes | None, list[tuple[str, bytes | None]], str]] = {
    "broken JSON": (b'{"action_id": "x"', [TYPE], "not JSON"),
    "not an object": (b"[]", [TYPE], "Input should be an object"),
    "wrong types": (b'{"action_id": 7, "ticket_id": {}, "kind": [], "actor": 1}', [TYPE], "action_id"),
    "two megabytes": (b'"' + b"x" * 2_000_000 + b'"', [TYPE], "at most 1,048,576"),
    "no value": (None, [TYPE], "no value"),
    "deeply nested": (b"[" * 100_000 + b"]" * 100_000, [TYPE], "recursion limit"),
    "lone surrogate": (b'{"action_id": "\\ud800"}', [TYPE], "lone surrogate"),
    "NUL": (
        b'{"action_id":"a\\u0000b","ticket_id":"t","kind":"accept","actor":{"kind":"agent","id":"a"}}',
        [TYPE],
        "NUL",
    ),
    "not UTF-8": (b'{"action_id": "\xff\xfe"}', [TYPE], "not JSON"),
    "empty": (b"", [TYPE], "EOF"),
    "no type": (b"{}", [], "no ce_type header"),
    "null type": (b"{}", [("ce_type", None)], "no ce_type header"),
    "binary type": (b"{}", [("ce_type", b"\xff")], "is not one of this topic"),
    "unknown type": (b"{}", [("ce_type", b"acme.thing.v1")], "'acme.thing.v1' is not one of this topic"),
    "no cloudevent": (b'{"specversion":"9"}', [("content-type", b"application/cloudevents+json")], "specversion 1.0"),
}


async def test_bad_records_between_good_ones_lose_no_good_one(
    toy: Toy, keys_of_one_partition: Callable[[str, int], list[str]]
) -> None:
    """On one partition, good records around every kind of poison are all handled, and the poison is told apart."""
    keys = keys_of_one_partition(toy.run, len(BAD) + 1)
    for number, (value, headers, _) in enumerate(BAD.values()):
        await toy.act(keys[number], f"good-{number}")
        await toy.send(keys[number], value, [*headers, ("x-trace", b"\xff\x00"), ("x-null", None)])
    await toy.act(keys[-1], "good-last")

    toy.start()
    await toy.until_counted(len(BAD) + 1)
    await toy.until_outbox_is_empty()

    letters = await toy.said(DEAD_LETTERS)
    assert len(letters) == len(BAD)
    for letter, key, (value, headers, reason) in zip(letters, keys, BAD.values(), strict=False):
        assert letter.key == key.encode()
        if len(value or b"") > topics.MAX_VALUE_BYTES:
            assert letter.value == (value or b"")[:65_536]
            continue
        assert letter.value == value
        assert list(letter.headers)[: len(headers) + 2] == [*headers, ("x-trace", b"\xff\x00"), ("x-null", None)]
        told = {name: content.decode() for name, content in letter.headers if name.startswith("dlq_")}
        assert reason in told["dlq_message"]
        assert told["dlq_topic"] == topics.ACTION.name
        assert told["dlq_group"] == "routing"
        assert int(told["dlq_partition"]) == letter.partition


async def test_foreign_headers_do_not_matter(toy: Toy) -> None:
    """A good record with null and non-UTF-8 headers, unknown fields and unknown values is handled."""
    value = (
        b'{"action_id":"%s","ticket_id":"%s","kind":"levitate","actor":{"kind":"ghost","id":"a"},"new":{"a":[1]}}'
        % (toy.run.encode(), toy.ticket(1).encode())
    )
    await toy.send(toy.ticket(1), value, [TYPE, ("x", b"\xff"), ("y", None), ("ce_time", b"\xff")])
    toy.start()
    await toy.until_counted(1)
    assert await toy.order_of(toy.ticket(1)) == [toy.run]


async def test_a_record_that_breaks_the_handler_is_given_up_alone(toy: Toy) -> None:
    """A bug met by one record of a batch costs that record only, after a few tries, with the error as the reason."""
    for number in range(20):
        await toy.act(toy.ticket(1), f"{toy.run}/{number}", POISON if number == 10 else None)
    toy.start()
    await toy.until_counted(19)
    await toy.until_outbox_is_empty()
    assert await toy.order_of(toy.ticket(1)) == [f"{toy.run}/{number}" for number in range(20) if number != 10]
    (letter,) = await toy.said(DEAD_LETTERS)
    told = dict(letter.headers)
    assert told["dlq_exception"] == b"ZeroDivisionError"
    assert told["dlq_attempts"] == b"3"  # alone


async def test_one_bad_record_among_many_is_found_in_a_few_tries(toy: Toy) -> None:
    """The one record of a large batch that fails costs a dozen transactions more, not one for each of the others."""
    await asyncio.gather(
        *(
            toy.act(toy.ticket(number), f"{toy.run}/{number}", POISON if number == 250 else None)
            for number in range(400)
        )
    )
    toy.start()
    await toy.until_counted(399)
    await toy.until_outbox_is_empty()
    assert len(await toy.said(DEAD_LETTERS)) == 1
    assert toy.log.read_text().count('"batch.retry"') < 30


async def test_many_bad_records_hold_nobody_up(toy: Toy) -> None:
    """Two hundred records that fail, between as many good ones, cost no rest: all are done in seconds."""
    for number in range(400):
        await toy.act(toy.ticket(number), f"{toy.run}/{number}", POISON if number % 2 else None)
    begun = time.monotonic()
    toy.start()
    await toy.until_counted(200)

    async def all_given_up() -> bool:
        return len(await toy.said(DEAD_LETTERS)) == 200

    await toy.until(all_given_up)
    assert time.monotonic() - begun < 30


async def test_a_bad_deploy_stops_instead_of_draining_the_topic(toy: Toy) -> None:
    """When whatever comes fails in the handler, consuming stops at the limit, stays up, and says why when asked."""
    for number in range(30):
        await toy.act(toy.ticket(number), f"{toy.run}/{number}", POISON)
    process = toy.start(KEFU_BUS_DEAD_LETTER_LIMIT="5")

    async def halted() -> bool:
        return "bus.halted" in toy.log.read_text()

    await toy.until(halted)
    await toy.until_outbox_is_empty()
    assert process.poll() is None
    assert len(await toy.said(DEAD_LETTERS)) == 5


async def test_one_broken_ticket_stops_nobody(toy: Toy) -> None:
    """However many records of one key fail, the others are handled: that is no bad deploy."""
    for number in range(30):
        await toy.act(toy.ticket(1), f"{toy.run}/{number}", POISON)
    await toy.act(toy.ticket(2), f"{toy.run}/good")
    toy.start(KEFU_BUS_DEAD_LETTER_LIMIT="5")
    await toy.until_counted(1)

    async def all_given_up() -> bool:
        return len(await toy.said(DEAD_LETTERS)) == 30

    await toy.until(all_given_up)
    assert "bus.halted" not in toy.log.read_text()


async def test_an_effect_too_large_is_refused_and_no_bug(toy: Toy) -> None:
    """Actions that would lead to events nobody may read are refused at once, however many, and nothing stops."""
    for number in range(30):
        await toy.act(toy.ticket(number), f"{toy.run}/{number}", None if number == 20 else VERBOSE)
    toy.start(KEFU_BUS_DEAD_LETTER_LIMIT="5")
    await toy.until_counted(1)

    async def all_refused() -> bool:
        return len(await toy.said(DEAD_LETTERS)) == 29

    await toy.until(all_refused)
    letters = await toy.said(DEAD_LETTERS)
    assert {dict(letter.headers)["dlq_exception"] for letter in letters} == {b"effect_too_large"}
    assert "bus.halted" not in toy.log.read_text()


async def test_a_passing_error_is_waited_out(toy: Toy) -> None:
    """What the database refuses for a while is tried again until it works; nothing is given up."""
    await toy.act(toy.ticket(1), f"{toy.run}/1", "overloaded")
    toy.start()

    async def retried() -> bool:
        return toy.log.read_text().count("batch.retry") >= 3

    await toy.until(retried)
    await toy.database.execute("create table routing.relieved ()")
    await toy.until_counted(1)
    assert await toy.said(DEAD_LETTERS) == []
