"""The events of tickets in a batch, with the ids by which services keep their rows."""

from typing import Final, TypeVar
from uuid import UUID

from shared.bus.record import Batch, Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.ids import as_uuid
from shared.contracts.tickets import TicketEvent

T = TypeVar("T", bound=TicketEvent)

BAD_TICKET_ID: Final = "bad_ticket_id"
"""The code of the refusal."""


def ticket_events(batch: Batch, work: UnitOfWork, *models: type[T]) -> list[tuple[Record, T, UUID]]:
    """The records that carry one of these events, in order; one whose ticket_id is no UUID is refused."""
    heard = []
    for record, event in batch.of(*models):
        if ticket_id := as_uuid(event.ticket_id):
            heard.append((record, event, ticket_id))
        else:
            work.refuse(record, BAD_TICKET_ID, no_ticket_id(event.ticket_id))
    return heard


def no_ticket_id(given: str) -> str:
    """What is wrong with an id that is none, for a person; at most its first hundred characters are shown."""
    return f"{given[:100]!r} is not the id of a ticket, which is a UUID"
