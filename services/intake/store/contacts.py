"""Contacts that were handled, each once: by its natural key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.contracts.vocabulary import Identity
from shared.database.connection import Connection

HANDLED: Final = """
select channel, contact_id from contact
where (channel, contact_id) in (select * from unnest($1::text[], $2::text[]))
"""

INSERT_CONTACTS: Final = """
insert into contact (channel, contact_id, ticket_id, rule, identity, claimed_member_id, sender, sender_sealed,
                     content_sealed, received_at, handled_at)
select *, $11::timestamptz from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                                       $7::bytea[], $8::bytea[], $9::bytea[], $10::timestamptz[])
"""

DELETE_CONTACTS: Final = "delete from contact where ticket_id = any($1::uuid[])"
# A channel may tell late of what it received long ago: such a contact is not old to us.
DELETE_CONTACTS_WITHOUT_TICKET: Final = """
delete from contact where (channel, contact_id) in (
    select channel, contact_id from contact where ticket_id is null and received_at < $1 and handled_at < $1
    order by received_at limit $2 for update skip locked
)
"""

ContactKey = tuple[str, str]
"""Channel and contact_id: the natural key of a contact."""


@dataclass(frozen=True, slots=True)
class KeptContact:
    """One handled contact as it is kept. Handle and content are sealed, the handle is found by its blind index."""

    channel: str
    contact_id: str
    ticket_id: UUID | None
    rule: str
    identity: Identity
    claimed_member_id: str | None
    sender: bytes
    sender_sealed: bytes
    content_sealed: bytes
    received_at: datetime


async def handled_before(connection: Connection, keys: Sequence[ContactKey]) -> set[ContactKey]:
    """Those of these contacts that were handled before."""
    rows = await connection.fetch(HANDLED, [channel for channel, _ in keys], [name for _, name in keys])
    return {(row["channel"], row["contact_id"]) for row in rows}


async def insert_contacts(connection: Connection, contacts: Sequence[KeptContact], now: datetime) -> None:
    """Keeps handled contacts. Fails on one that is already there: the batch is then done again, and finds it."""
    await connection.execute(
        INSERT_CONTACTS,
        [contact.channel for contact in contacts],
        [contact.contact_id for contact in contacts],
        [contact.ticket_id for contact in contacts],
        [contact.rule for contact in contacts],
        [contact.identity.value for contact in contacts],
        [contact.claimed_member_id for contact in contacts],
        [contact.sender for contact in contacts],
        [contact.sender_sealed for contact in contacts],
        [contact.content_sealed for contact in contacts],
        [contact.received_at for contact in contacts],
        now,
    )
