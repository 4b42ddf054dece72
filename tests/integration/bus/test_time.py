"""What takes too long, waits for others, or meets a database that takes no changes: it costs itself and nobody else."""

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from shared.bus.topics import create
from shared.contracts import topics
from tests.integration.bus.conftest import POISON, Toy
from tests.integration.bus.toy import ENDLESS, TIRING

DEAD_LETTERS = topics.ACTION.dead_letters("routing")


async def test_a_batch_too_slow_is_made_smaller_until_it_passes(toy: Toy) -> None:
    """Work for twenty seconds, of which a transaction may take half of one, is done in parts, each record once."""
    for number in range(400):
        await toy.act(toy.ticket(number % 20), f"{toy.run}/{number}", TIRING)
    toy.start(KEFU_BUS_BATCH_SECONDS="0.5", KEFU_BUS_HANDLER_ATTEMPTS="30")
    await toy.until_counted(400, seconds=120)
    await toy.until_outbox_is_empty()
    assert "TooSlowError" in toy.log.read_text()
    assert set((await toy.counts()).values()) == {20}
    assert await toy.order_of(toy.ticket(3)) == [f"{toy.run}/{number}" for number in range(3, 400, 20)]
    assert await toy.said(DEAD_LETTERS) == []


async def test_a_record_that_never_ends_is_its_own_dead_letter(toy: Toy) -> None:
    """One record that takes longer than any transaction may, also alone, is given up; the others are handled."""
    for number in range(100):
        await toy.act(toy.ticket(number), f"{toy.run}/{number}", ENDLESS if number == 50 else None)
    toy.start(KEFU_BUS_BATCH_SECONDS="1.5", KEFU_BUS_HANDLER_ATTEMPTS="2")
    await toy.until_counted(99, seconds=90)

    async def given_up() -> bool:
        return len(await toy.said(DEAD_LETTERS)) == 1

    await toy.until(given_up)
    (letter,) = await toy.said(DEAD_LETTERS)
    assert letter.key == toy.ticket(50).encode()
    assert dict(letter.headers)["dlq_exception"] == b"TooSlowError"
    assert "bus.halted" not in toy.log.read_text()


async def test_a_ticket_somebody_has_locked_holds_up_its_partition_alone(toy: Toy) -> None:
    """While a session holds one row, tickets of other partitions go on; the one waits, and is done when it is free."""
    await toy.act(toy.ticket(1), f"{toy.run}/first")
    toy.start()
    await toy.until_counted(1)
    stranger = await asyncpg.connect(toy.environment["DATABASE_URL"])
    open_ended = stranger.transaction()
    await open_ended.start()
    await stranger.execute("select 1 from routing.tally where ticket_id = $1 for update", toy.ticket(1))

    for number in range(2):
        await toy.act(toy.ticket(1), f"{toy.run}/{number}")
    others = [toy.ticket(number) for number in range(2, 60)]
    for ticket in others:
        await toy.act(ticket, f"{toy.run}/{ticket}")

    async def most_go_on() -> bool:
        return len(await toy.counts()) >= 40

    await toy.until(most_go_on)
    assert (await toy.counts())[toy.ticket(1)] == 1
    await open_ended.rollback()
    await stranger.close()
    await toy.until_counted(len(others) + 3)
    assert await toy.order_of(toy.ticket(1)) == [f"{toy.run}/first", f"{toy.run}/0", f"{toy.run}/1"]
    assert await toy.said(DEAD_LETTERS) == []


async def test_a_database_that_takes_no_changes_is_waited_for(toy: Toy) -> None:
    """An old primary, or a server with a full disk, is no fault of a record: nothing is given up, nothing stops."""
    name = toy.environment["DATABASE_URL"].rpartition("/")[2]
    toy.start()
    await toy.act(toy.ticket(1), f"{toy.run}/before")
    await toy.until_counted(1)
    await toy.admin.execute(f"alter database {name} set default_transaction_read_only = on")
    end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name like 'kefu-%'"
    await toy.admin.execute(end, name)
    for number in range(50):
        await toy.act(toy.ticket(number), f"{toy.run}/{number}")

    async def retried() -> bool:
        return toy.log.read_text().count("ReadOnlySQLTransactionError") >= 5

    await toy.until(retried)
    await toy.admin.execute(f"alter database {name} reset default_transaction_read_only")
    await toy.until_counted(51)
    assert await toy.said(DEAD_LETTERS) == []
    assert "bus.halted" not in toy.log.read_text()


async def test_letters_wait_for_their_topic_and_nobody_else_does(toy: Toy) -> None:
    """When a dead-letter topic is deleted, good records go on and are told; made again, it has what came meanwhile."""
    servers = toy.environment["KAFKA_BOOTSTRAP_SERVERS"]
    toy.start()
    await toy.act(toy.ticket(1), f"{toy.run}/poison", POISON)
    await toy.act(toy.ticket(1), f"{toy.run}/first")
    await toy.until_counted(1)
    await toy.until_outbox_is_empty()
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.delete_topics([DEAD_LETTERS])
        await toy.act(toy.ticket(1), f"{toy.run}/poison again", POISON)
        for number in range(2, 22):
            await toy.act(toy.ticket(number), f"{toy.run}/{number}")
        await toy.until_counted(21)

        async def all_good_is_told() -> bool:
            waiting = await toy.database.fetch("select distinct topic from routing.outbox")
            return [row["topic"] for row in waiting] == [DEAD_LETTERS]

        await toy.until(all_good_is_told)
        for number in range(22, 42):
            await toy.act(toy.ticket(number), f"{toy.run}/{number}")
        await toy.until_counted(41)

        async def is_told_of() -> bool:
            return f"{DEAD_LETTERS} does not exist" in toy.log.read_text()

        await toy.until(is_told_of)
    finally:
        await create(servers)
        await admin.close()
    await toy.until_outbox_is_empty()
    assert [letter.key for letter in await toy.said(DEAD_LETTERS)] == [toy.ticket(1).encode()]
