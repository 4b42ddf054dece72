"""After a member was forgotten no table of any service holds anything of theirs, and a second order changes nothing."""

import importlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any

import pytest

from services.intake.store.handles import handles_of, known_addresses
from shared.bus.record import Batch, Record
from shared.bus.transactions import Transactions
from shared.contracts import topics
from shared.contracts.ids import derived_id
from shared.contracts.reference import Handle, MemberChanged
from shared.contracts.services import SERVICES
from shared.erasure.orders import FORGET, no_addresses, take_orders
from shared.runtime.loop import Loop
from shared.security.sealing import Sealer
from tests.integration.harness import record
from tests.integration.own_database import own_transactions
from tests.integration.pruning.conftest import HANGING_ON, INSERT

SEALER = Sealer([b"k" * 32], service="intake")
MEMBER, OTHER = "member-to-forget", "member-who-stays"
BLIND, OTHER_BLIND = b"\xaa" * 32, b"\xbb" * 32
OWN = {
    "intake": (
        "update ticket set member_id = $1, sender = $2, order_no = 'order of ' || $1 where member_id is null",
        "update contact set claimed_member_id = $1, sender = $2, sender_sealed = $2, content_sealed = $2 "
        "where sender = ''",
        "insert into handle (blind, member_id) values ($2, $1)",
        "insert into waiting_contact select channel, contact_id, $1, $2, now() from contact "
        "where claimed_member_id = $1 limit 1",
        "insert into platform_order select 'order of ' || $1, $1, null, 'paid', 1 where $2::bytea is not null",
    ),
    "routing": (
        "update ticket set member_id = $1 where member_id is null and $2::bytea is not null",
        "insert into action select 'a ' || md5($1), 't', 'reopen', 'member', $1, 'applied' where $2::bytea is not null",
    ),
    "sla": ("update ticket set member_id = $1 where member_id is null and $2::bytea is not null",),
    "notify": (
        "update ticket set member_id = $1 where member_id is null and $2::bytea is not null",
        "update intent set member_id = $1, message_id = 'm ' || $1 where member_id is null and $2::bytea is not null",
    ),
}


def order(member_id: str, *headers: tuple[str, bytes]) -> Record:
    """A tombstone of a member."""
    return record(topics.MEMBER, member_id, None, *headers)


async def fill(transactions: Transactions, member_id: str, blind: bytes, count: int) -> None:
    """Tickets of a member, some open, with what hangs on them."""
    at = datetime.now(UTC) - timedelta(days=2)
    ids = [str(derived_id(member_id, str(number), at)) for number in range(count)]
    await transactions.pool.execute(
        INSERT[transactions.service], ids, [number % 2 == 0 for number in range(count)], [at] * count
    )
    if transactions.service != "routing":
        await transactions.pool.execute(HANGING_ON[transactions.service] + _new(transactions.service))
    for statement in OWN[transactions.service]:
        await transactions.pool.execute(statement, member_id, blind)


def _new(service: str) -> str:
    return {"intake": " on conflict do nothing", "notify": " on conflict do nothing"}.get(service, "")


async def everything(transactions: Transactions) -> str:
    """Every row of every table, as text."""
    tables: Sequence[Any] = await transactions.pool.fetch(
        "select tablename from pg_tables where schemaname = $1", transactions.service
    )
    rows = [await transactions.pool.fetch(f"select t::text as row from {table['tablename']} t") for table in tables]
    return "\n".join(row["row"] for table in rows for row in table)


async def forget(transactions: Transactions, loop: Loop, request: str) -> None:
    """Takes the order and works until nothing is left to erase."""
    async with transactions.begin() as work:
        addresses = known_addresses(SEALER) if transactions.service == "intake" else no_addresses
        await take_orders(Batch((order(MEMBER, (FORGET, request.encode())),)), work, addresses=addresses)
        if transactions.service == "intake":
            await work.connection.execute("delete from handle where member_id = $1", MEMBER)
    while await loop.step(transactions):
        pass


@pytest.mark.parametrize("service", [name for name in SERVICES if find_spec(f"services.{name}.erasure")])
async def test_nothing_of_a_forgotten_member_is_left(servers: dict[str, str], service: str) -> None:
    """Neither their id nor an address nor a sealed word; the rows of others are as they were; open tickets go on."""
    loop = importlib.import_module(f"services.{service}.erasure").erase()
    async with own_transactions(servers["DATABASE_URL"], service) as (transactions, _):
        await fill(transactions, OTHER, OTHER_BLIND, 7)
        others = (await everything(transactions)).count(OTHER)
        await fill(transactions, MEMBER, BLIND, 4500)
        assert (await everything(transactions)).count(MEMBER) >= 4500
        request = str(uuid.uuid4())
        await forget(transactions, loop, request)
        noted = await transactions.pool.fetchrow("select * from erasure")
        assert noted is not None
        assert noted["clean_at"] is not None
        assert noted["erased"]["ticket"] == 4500
        await transactions.pool.execute("update erasure set asked_at = now() - interval '2 hours', again_at = now()")
        while await loop.step(transactions):
            pass
        left = await everything(transactions)
        assert MEMBER not in left
        assert BLIND.hex() not in left
        assert left.count(OTHER) == others
        assert await transactions.pool.fetchval("select count(*) from ticket") == 4507
        await forget(transactions, loop, request)
        assert await transactions.pool.fetchval("select erased from erasure") == noted["erased"]


@pytest.mark.parametrize("service", ["intake", "notify"])
async def test_an_ordinary_tombstone_forgets_nothing_else(servers: dict[str, str], service: str) -> None:
    """A platform that deletes a member and writes them anew loses no ticket of theirs."""
    async with own_transactions(servers["DATABASE_URL"], service) as (transactions, _), transactions.begin() as work:
        records = (order(MEMBER), order(MEMBER, ("trace", b"x")))
        await take_orders(Batch(records), work)
        assert await work.connection.fetchval("select count(*) from erasure") == 0


async def test_erasing_goes_on_after_a_death(servers: dict[str, str]) -> None:
    """What was erased before a process died stays erased, and another one does the rest."""
    loop = importlib.import_module("services.sla.erasure").erase()
    async with own_transactions(servers["DATABASE_URL"], "sla") as (transactions, _):
        await fill(transactions, MEMBER, BLIND, 4500)
        async with transactions.begin() as work:
            await take_orders(Batch((order(MEMBER, (FORGET, b"r")),)), work)
        await loop.step(transactions)
        left = await transactions.pool.fetchval("select count(*) from ticket where member_id is not null")
        assert 0 < left < 4500
        again = importlib.import_module("services.sla.erasure").erase()
        while await again.step(transactions):
            pass
        assert await transactions.pool.fetchval("select count(*) from ticket where member_id is not null") == 0
        assert (await transactions.pool.fetchval("select erased from erasure"))["ticket"] == 4500


async def test_forgetting_in_the_middle_of_a_rotation(servers: dict[str, str]) -> None:
    """What was written under any of the keys goes, though the member's address lies under one alone."""
    old, both = Sealer([b"o" * 32], service="intake"), Sealer([b"n" * 32, b"o" * 32], service="intake")
    handle = Handle(kind="phone", value="13900000000", verified=True)
    (kept,) = handles_of(MemberChanged(member_id=MEMBER, handles=(handle,), version=1), old)
    async with own_transactions(servers["DATABASE_URL"], "intake") as (transactions, _):
        save = "insert into handle (member_id, blind, sealed) values ($1, $2, $3)"
        await transactions.pool.execute(save, MEMBER, *kept)
        async with transactions.begin() as work:
            found = await known_addresses(both)(work.connection, MEMBER)
        assert set(found) == set(both.blinds(handle.kind, handle.value))
