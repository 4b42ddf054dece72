"""The table `ticket`: the clocks of a ticket, one document. Rows are locked in the order of their ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from services.sla.domain.clock_state import TicketClocks, from_json, to_json
from shared.database.connection import Connection

LOAD: Final = """
select ticket_id, ticket_no, member_id, tier, clocks from ticket
where ticket_id = any($1::uuid[]) order by ticket_id for update
"""

SAVE: Final = """
insert into ticket (ticket_id, ticket_no, member_id, tier, clocks)
select ticket_id, ticket_no, member_id, tier, clocks::jsonb
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
    as v (ticket_id, ticket_no, member_id, tier, clocks)
on conflict (ticket_id) do update
set member_id = excluded.member_id, tier = excluded.tier, clocks = excluded.clocks, changed_at = now()
"""

ENDED: Final = """
(clocks ->> 'phase' = 'closed' and changed_at < {before}
 and not exists (select from timer where timer.ticket_id = ticket.ticket_id))
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as sla knows it."""

    ticket_id: UUID
    ticket_no: str
    member_id: str | None
    tier: str
    clocks: TicketClocks

    def having(self, clocks: TicketClocks) -> "Ticket":
        """The same ticket with other clocks."""
        return replace(self, clocks=clocks)


async def load_tickets(connection: Connection, ticket_ids: Iterable[UUID]) -> dict[UUID, Ticket]:
    """Locks and reads the tickets that exist."""
    wanted = sorted(set(ticket_ids))
    rows = await connection.fetch(LOAD, wanted) if wanted else []
    return {
        row["ticket_id"]: Ticket(
            row["ticket_id"], row["ticket_no"], row["member_id"], row["tier"], from_json(row["clocks"])
        )
        for row in rows
    }


async def save_tickets(connection: Connection, tickets: Sequence[Ticket]) -> None:
    """Writes new and changed tickets."""
    ordered = sorted(tickets, key=lambda ticket: ticket.ticket_id.int)
    if ordered:
        await connection.execute(
            SAVE,
            [ticket.ticket_id for ticket in ordered],
            [ticket.ticket_no for ticket in ordered],
            [ticket.member_id for ticket in ordered],
            [ticket.tier for ticket in ordered],
            [to_json(ticket.clocks) for ticket in ordered],
        )
