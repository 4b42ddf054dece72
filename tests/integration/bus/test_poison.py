"""Bad records lie between good ones: no good one is lost, every bad one is a dead letter byte for byte."""

from collections.abc import Callable

from shared.contracts import topics
from tests.integration.bus.conftest import POISON, TYPE, Toy

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
    assert told["dlq_attempts"] == b"3"


async def test_a_bad_deploy_stops_instead_of_draining_the_topic(toy: Toy) -> None:
    """When every record fails in the handler, consuming stops at the limit, stays up, and says why when asked."""
    for number in range(30):
        await toy.act(toy.ticket(1), f"{toy.run}/{number}", POISON)
    process = toy.start(KEFU_BUS_DEAD_LETTER_LIMIT="5")

    async def halted() -> bool:
        return "bus.halted" in toy.log.read_text()

    await toy.until(halted)
    await toy.until_outbox_is_empty()
    assert process.poll() is None
    assert len(await toy.said(DEAD_LETTERS)) == 5


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
