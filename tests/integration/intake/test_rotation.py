"""Keys change under intake: who wrote before is known again, their matters go on, and an older key can go."""

import asyncio
import subprocess
import sys
import uuid

import pytest

from cli.resealing.walking import reseal_service
from shared.bus.publisher import KafkaPublisher, Outgoing, partition_of
from shared.bus.record import Record
from shared.bus.topics import create
from shared.contracts.tickets import TicketAmended, TicketOpened
from shared.security.sealing import DataKeyError, Sealer
from tests.integration.intake.conftest import Intake
from tests.integration.rotation import FromBefore, reseal_with, written

OLD, NEW = b"o" * 32, b"n" * 32
STRANGER, MEMBERS = "13700000000", "13900000000"


def under(*keys: bytes) -> Sealer:
    """Intake's sealer with these keys."""
    return Sealer(list(keys), service="intake")


def wrote(intake: Intake, contact_id: str, phone: str, text: str = "充值没到账") -> Record:
    """One contact by telephone."""
    return intake.contact(contact_id, text, sender={"kind": "phone", "value": phone})


async def begin(intake: Intake, sealer: Sealer) -> None:
    """A member with a verified address, their ticket, a stranger's ticket, and somebody's greeting that waits."""
    before = intake.under(sealer)
    await before.hear(before.member("M1", MEMBERS))
    await before.hear(wrote(before, "m-1", MEMBERS), wrote(before, "s-1", STRANGER))
    await before.hear(wrote(before, "g-1", "13600000000", "你好"))


async def go_on(intake: Intake, sealer: Sealer, name: str) -> None:
    """Both write again: each is known, and joins their own ticket."""
    after = intake.under(sealer)
    said = await after.hear(
        wrote(after, f"m-{name}", MEMBERS, "还没到账"), wrote(after, f"s-{name}", STRANGER, "还没到账")
    )
    assert [type(event) for event in said] == [TicketAmended, TicketAmended]
    members = await intake.pool.fetch("select identity from contact where contact_id in ('m-1', $1)", f"m-{name}")
    assert [row["identity"] for row in members] == ["handle", "handle"]
    assert await intake.pool.fetchval("select count(*) from ticket") == 2


@pytest.mark.parametrize("before", [under(OLD), FromBefore(OLD)], ids=["own key", "undivided"])
async def test_everybody_is_known_through_a_rotation_of_keys(
    intake: Intake, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch, before: Sealer
) -> None:
    """With the new key in front everybody is known; after resealing also without the old one."""
    await begin(intake, before)
    await go_on(intake, under(OLD, NEW), "appended")
    await go_on(intake, under(NEW, OLD), "in-front")
    await go_on(intake, under(OLD, NEW), "a replica that is not replaced yet")
    await reseal_with(monkeypatch, servers, intake.pool, NEW, OLD)
    counted = {one.table: one.left for one in await reseal_service("intake", check=True)}
    assert counted == {"handle": 1, "contact": 7, "ticket": 2, "waiting_contact": 1}
    done = {one.table: (one.renewed, one.left) for one in await reseal_service("intake")}
    assert done == {"handle": (1, 0), "contact": (7, 0), "ticket": (2, 0), "waiting_contact": (0, 1)}
    assert {one.renewed for one in await reseal_service("intake")} == {0}
    await go_on(intake, under(NEW, OLD), "resealed")
    await go_on(intake, under(NEW), "alone")


async def test_a_greeting_that_waits_across_a_rotation(intake: Intake) -> None:
    """The matter that follows under the new key takes it along; without its key it goes on waiting."""
    await begin(intake, under(OLD))
    lacking = intake.under(under(NEW))
    await intake.pool.execute("update waiting_contact set due_at = now()")
    assert await lacking.hear_out() == []
    assert await intake.pool.fetchval("select due_at > now() from waiting_contact")
    after = intake.under(under(NEW, OLD))
    said = await after.hear(wrote(after, "g-2", "13600000000"))
    assert [type(event) for event in said] == [TicketOpened, TicketAmended]
    assert await intake.pool.fetchval("select count(*) from waiting_contact") == 0


async def test_one_address_under_two_keys_is_one_member(intake: Intake) -> None:
    """A handle that lies under both keys, and one written under each in turn, name their one member once."""
    await begin(intake, under(OLD))
    blind = under(NEW).blind("phone", MEMBERS)
    await intake.pool.execute("insert into handle (blind, member_id) values ($1, 'M1')", blind)
    await go_on(intake, under(NEW, OLD), "both")
    replaced = intake.under(under(NEW, OLD))
    await replaced.hear(replaced.member("M1", MEMBERS, version=2))
    assert [row["blind"] for row in await intake.pool.fetch("select blind from handle")] == [blind]


async def test_addresses_that_were_never_sealed(
    intake: Intake, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read from the topic of members, in the version that is known; of whom it tells nothing is counted."""
    told, newer, ignored_types = (f"{name}-{uuid.uuid4()}" for name in ("told", "newer", "ignored_types"))
    before = intake.under(FromBefore(OLD))
    for number, member_id in enumerate((told, newer, ignored_types)):
        await before.hear(before.member(member_id, f"1390000000{number}"))
    await intake.pool.execute("update handle set sealed = null")
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
    publisher = KafkaPublisher(servers["KAFKA_BOOTSTRAP_SERVERS"], client_id="test")
    try:
        for member_id, phone, version in ((told, "13900000000", 1), (newer, "13911111111", 2)):
            key, one = member_id.encode(), before.member(member_id, phone, version=version)
            await publisher.publish([Outgoing(one.topic, partition_of(key), key, one.value, one.headers)])
    finally:
        await publisher.close()
    await reseal_with(monkeypatch, servers, intake.pool, NEW, OLD)
    handles = next(one for one in await reseal_service("intake") if one.table == "handle")
    assert (handles.left, "did not seal" in handles.why) == (2, True)
    kept = await intake.pool.fetchrow("select blind from handle where member_id = $1", told)
    assert kept is not None
    assert kept["blind"] == under(NEW).blind("phone", "13900000000")
    # the one whose news intake has not read yet is done by the service itself, under the present key
    after = intake.under(under(NEW, OLD))
    await after.hear(after.member(newer, "13911111111", version=2))
    assert next(one.left for one in await reseal_service("intake") if one.table == "handle") == 1


async def test_what_a_retired_key_sealed_is_refused_and_kept(
    intake: Intake, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is under a key that was taken out too early is refused and left as it is, until the key is back."""
    await begin(intake, under(OLD))
    row = await intake.pool.fetchrow("select content_sealed from contact where contact_id = 's-1'")
    assert row is not None
    with pytest.raises(DataKeyError, match="not in KEFU_DATA_KEY"):
        under(NEW).open(row["content_sealed"], context="contact/phone/s-1")
    await reseal_with(monkeypatch, servers, intake.pool, NEW)
    assert [(one.renewed, one.left > 0) for one in await reseal_service("intake")] == [(0, True)] * 4
    await reseal_with(monkeypatch, servers, intake.pool, NEW, OLD)
    assert [one.left for one in await reseal_service("intake")] == [0, 0, 0, 1]


async def test_resealing_while_intake_works(
    intake: Intake, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty people write again and again, to replicas before and after the step, while it is resealed: each has one
    ticket."""
    people = [f"138{number:08}" for number in range(40)]
    before, after = intake.under(under(OLD, NEW)), intake.under(under(NEW, OLD))
    await reseal_with(monkeypatch, servers, intake.pool, NEW, OLD)

    async def write(replica: Intake, name: str) -> None:
        for turn in range(6):
            for phone in people:
                await replica.hear(wrote(replica, f"{name}-{turn}-{phone}", phone))

    async def keep_resealing() -> None:
        for _ in range(12):
            await reseal_service("intake")

    await asyncio.gather(write(before, "before"), write(after, "after"), keep_resealing())
    assert await intake.pool.fetchval("select count(*) from ticket") == len(people)
    assert {one.left for one in await reseal_service("intake")} == {0}
    alone = intake.under(under(NEW))
    said = [event for phone in people for event in await alone.hear(wrote(alone, f"alone-{phone}", phone))]
    assert {type(event) for event in said} == {TicketAmended}


async def test_killed_in_the_middle(intake: Intake, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`kefu reseal` killed half-way leaves rows under either key; called again it does the rest and says so."""
    writer = intake.under(under(OLD))
    for batch in range(6):
        await writer.hear(*(wrote(writer, f"{batch}-{number}", STRANGER) for number in range(500)))
    await reseal_with(monkeypatch, servers, intake.pool, NEW, OLD)
    command = [sys.executable, "-m", "cli.main", "reseal", "--service", "intake"]
    first = await asyncio.create_subprocess_exec(*command)
    left = 3000
    while left == 3000 and first.returncode is None:
        await asyncio.sleep(0.02)
        left = next(one.left for one in await reseal_service("intake", check=True) if one.table == "contact")
    first.kill()
    await first.wait()
    assert 0 < left < 3000
    await go_on_of_stranger(intake)
    again = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "intake.contact" in again.stdout
    assert written(OLD) not in again.stdout + again.stderr
    check = await asyncio.to_thread(subprocess.run, [*command, "--check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


async def go_on_of_stranger(intake: Intake) -> None:
    """The stranger joins their ticket, whichever half it lies in."""
    after = intake.under(under(NEW, OLD))
    said = await after.hear(wrote(after, "again", STRANGER))
    assert [type(event) for event in said] == [TicketAmended]
