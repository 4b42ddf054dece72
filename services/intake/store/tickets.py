"""Tickets: found by party and by name, locked, opened and changed."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from services.intake.domain.ticket import Status, Ticket
from services.intake.store.contacts import ContactKey
from shared.contracts.ids import as_uuid
from shared.contracts.vocabulary import Identity, Proof, Urgency
from shared.database.connection import Connection

OTHER_TIER: Final = """
select distinct t.ticket_id from unnest($1::uuid[], $2::text[]) as given (ticket_id, tier)
join ticket as t on t.ticket_id = given.ticket_id and t.tier <> given.tier
"""

# What was merged goes on in another ticket.
NAMED: Final = """
select contact.channel, contact_id as name, coalesce(merged_into, ticket_id) as ticket_id
from contact join ticket using (ticket_id)
where (contact.channel, contact_id) in (select * from unnest($1::text[], $2::text[]))
union all
select null, ticket_no, coalesce(merged_into, ticket_id) from ticket where ticket_no = any($3::text[])
union all
select null, ticket_id::text, coalesce(merged_into, ticket_id) from ticket where ticket_id = any($4::uuid[])
"""

# Four questions instead of one with `or`: each has its own partial index and stops at its limit, so that a party with a
# long history costs no more than another.
OF_PARTIES: Final = """
select mine.ticket_id from unnest($1::text[]) as party (id) cross join lateral (
    select ticket_id from ticket where member_id = party.id and status in ('open', 'resolved')
    order by last_contact_at desc limit $3
) as mine
union
select mine.ticket_id from unnest($2::bytea[]) as party (id) cross join lateral (
    select ticket_id from ticket where sender = party.id and member_id is null and status in ('open', 'resolved')
    order by last_contact_at desc limit $3
) as mine
union
select mine.ticket_id from unnest($1::text[]) as party (id) cross join lateral (
    select ticket_id from ticket where member_id = party.id and status = 'closed' and closed_at >= $4
    order by closed_at desc limit $3
) as mine
union
select mine.ticket_id from unnest($2::bytea[]) as party (id) cross join lateral (
    select ticket_id from ticket
    where sender = party.id and member_id is null and status = 'closed' and closed_at >= $4
    order by closed_at desc limit $3
) as mine
"""

MOST_TICKETS_OF_A_PARTY: Final = 100

COLUMNS: Final = (
    "ticket_id, ticket_no, member_id, sender, tier, problem_type, order_no, missing, urgency, identity, "
    "identity_proof, status, merged_into, opened_at, last_contact_at, ended_at, closed_at, lacks_matter"
)

LOCK_TICKETS: Final = f"select {COLUMNS} from ticket where ticket_id = any($1::uuid[]) order by ticket_id for update"

NUMBERS: Final = "select nextval('ticket_number') from generate_series(1, $1::int)"

INSERT_TICKETS: Final = f"""
insert into ticket ({COLUMNS}) select {COLUMNS.replace("missing", "missing::jsonb")}
from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::uuid[], $14::timestamptz[], $15::timestamptz[],
            $16::timestamptz[], $17::timestamptz[], $18::boolean[])
    as v ({COLUMNS})
"""

UPDATE_TICKETS: Final = """
update ticket as t set member_id = v.member_id, tier = v.tier, problem_type = v.problem_type, order_no = v.order_no,
    missing = v.missing::jsonb, urgency = v.urgency, identity = v.identity, identity_proof = v.identity_proof,
    status = v.status, merged_into = v.merged_into, last_contact_at = v.last_contact_at, ended_at = v.ended_at,
    closed_at = v.closed_at, lacks_matter = v.lacks_matter, changed_at = now()
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::uuid[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
            $15::boolean[])
    as v (ticket_id, member_id, tier, problem_type, order_no, missing, urgency, identity, identity_proof, status,
          merged_into, last_contact_at, ended_at, closed_at, lacks_matter)
where t.ticket_id = v.ticket_id
"""

NEVER_CHANGED: Final = frozenset({"ticket_no", "sender", "opened_at"})

ENDED: Final = "status in ('closed', 'merged') and changed_at < {before}"


async def named_tickets(
    connection: Connection, replies: Sequence[ContactKey], ticket_nos: Iterable[str]
) -> dict[tuple[str | None, str], UUID]:
    """The tickets these replies name, by a contact of the same channel, by ticket number or by ticket id; and those
    with these numbers. Numbers and ids stand under no channel."""
    names = [name for _, name in replies]
    rows = await connection.fetch(
        NAMED,
        [channel for channel, _ in replies],
        names,
        sorted({*names, *ticket_nos}),
        [ticket_id for name in names if (ticket_id := as_uuid(name))],
    )
    return {(row["channel"], row["name"]): row["ticket_id"] for row in rows}


async def tickets_of_parties(
    connection: Connection, members: Sequence[str], senders: Sequence[bytes], closed_since: datetime
) -> set[UUID]:
    """The tickets of these members, and of these addresses where no member is known, that are not closed, or closed
    since then; the latest of each."""
    rows = await connection.fetch(OF_PARTIES, members, senders, MOST_TICKETS_OF_A_PARTY, closed_since)
    return {row["ticket_id"] for row in rows}


async def tickets_with_other_tier(connection: Connection, tiers: Sequence[tuple[UUID, str]]) -> set[UUID]:
    """Those of our tickets whose tier is not the one given here."""
    rows = await connection.fetch(OTHER_TIER, [ticket_id for ticket_id, _ in tiers], [tier for _, tier in tiers])
    return {row["ticket_id"] for row in rows}


async def lock_tickets(connection: Connection, ticket_ids: Iterable[UUID]) -> list[Ticket]:
    """These tickets, those that exist, locked in the order of their ids."""
    rows = await connection.fetch(LOCK_TICKETS, sorted(set(ticket_ids)))
    return [_ticket(row) for row in rows]


async def next_numbers(connection: Connection, count: int) -> list[int]:
    """Sequence numbers for new tickets. Those that are not used leave a gap."""
    return [row["nextval"] for row in await connection.fetch(NUMBERS, count)]


async def insert_tickets(connection: Connection, tickets: Sequence[Ticket]) -> None:
    """Adds new tickets."""
    await connection.execute(INSERT_TICKETS, *_columns(tickets))


async def update_tickets(connection: Connection, tickets: Sequence[Ticket]) -> None:
    """Saves tickets that are locked."""
    await connection.execute(UPDATE_TICKETS, *_columns(tickets, without=NEVER_CHANGED))


def _columns(tickets: Sequence[Ticket], without: Collection[str] = ()) -> Iterator[list[object]]:
    rows = [_row(ticket) for ticket in tickets]
    return ([row[name] for row in rows] for name in rows[0] if name not in without)


def _row(ticket: Ticket) -> dict[str, object]:
    """The columns in the order of the statements."""
    return {
        "ticket_id": ticket.ticket_id,
        "ticket_no": ticket.ticket_no,
        "member_id": ticket.member_id,
        "sender": ticket.sender,
        "tier": ticket.tier,
        "problem_type": ticket.problem_type,
        "order_no": ticket.order_no,
        # as text: in an array of jsonb the driver would take a list for a further dimension
        "missing": json.dumps(ticket.missing),
        "urgency": ticket.urgency.value,
        "identity": ticket.identity.value,
        "identity_proof": ticket.proof.value,
        "status": ticket.status.value,
        "merged_into": ticket.merged_into,
        "opened_at": ticket.opened_at,
        "last_contact_at": ticket.last_contact_at,
        "ended_at": ticket.ended_at,
        "closed_at": ticket.closed_at,
        "lacks_matter": ticket.lacks_matter,
    }


def _ticket(row: asyncpg.Record) -> Ticket:
    return Ticket(
        ticket_id=row["ticket_id"],
        ticket_no=row["ticket_no"],
        member_id=row["member_id"],
        sender=row["sender"],
        tier=row["tier"],
        problem_type=row["problem_type"],
        order_no=row["order_no"],
        missing=tuple(row["missing"]),
        urgency=Urgency(row["urgency"]),
        identity=Identity(row["identity"]),
        proof=Proof(row["identity_proof"]),
        status=Status(row["status"]),
        merged_into=row["merged_into"],
        opened_at=row["opened_at"],
        last_contact_at=row["last_contact_at"],
        ended_at=row["ended_at"],
        closed_at=row["closed_at"],
        lacks_matter=row["lacks_matter"],
    )
