"""What the toy is asked to do, and how a test knows that it was done."""

import json

from shared.contracts import topics
from tests.integration.bus.conftest import Toy

EVERYTHING = ",".join(topic.name for topic in (topics.ACTION, topics.MEMBER, topics.TICKET))
SOON = {"KEFU_BUS_PLACES_SECONDS": "0.5"}


async def tell_member(toy: Toy, name: str, version: int | None = 1) -> None:
    """The platform changes a member, or deletes one."""
    document = {"member_id": name, "version": version, "tier": "gold"}
    value = None if version is None else json.dumps(document).encode()
    await toy.producer.send_and_wait(topics.MEMBER.name, value, name.encode())


async def until_members(toy: Toy, *names: str) -> None:
    """Waits until exactly these members of the test are known."""

    async def are_known() -> bool:
        rows = await toy.database.fetch("select member_id from routing.known where member_id like $1", f"{toy.run}%")
        return {row["member_id"] for row in rows} == set(names)

    await toy.until(are_known)


async def until_it_says(toy: Toy, *words: str) -> None:
    """Waits until the log of the service has a line with all these words."""

    async def said() -> bool:
        return any(all(word in line for word in words) for line in toy.log.read_text().splitlines())

    await toy.until(said)


async def act(toy: Toy, first: int, count: int) -> None:
    """So many actions on as many tickets, over all partitions."""
    for number in range(first, first + count):
        await toy.act(toy.ticket(number), f"{toy.run}/{number}")


def stop(toy: Toy) -> None:
    """Ends what runs."""
    for process in toy.processes:
        process.kill()
        process.wait()


async def until_done(toy: Toy, *numbers: int) -> None:
    """Waits until actions on all these tickets were done, once or more.

    Until a log is known to be another one, what lies in it behind our place may be read, and then once more from its
    start: services know contacts and actions by their ids, the toy just counts.
    """

    async def done() -> bool:
        return {toy.ticket(number) for number in numbers} <= (await toy.counts()).keys()

    await toy.until(done)
