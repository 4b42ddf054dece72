"""The events of tickets in a batch, with the ids by which services keep their rows."""

from typing import TypeVar
from uuid import UUID

from shared.bus.record import Batch, Record
from shared.bus.work import Work
from shared.contracts.tickets import TicketEvent

T = TypeVar("T", bound=TicketEvent)


def ticket_events(batch: Batch, work: Work, *models: type[T]) -> list[tuple[Record, T, UUID]]:
    """The records that carry one of these events, in order; one whose ticket_id is no UUID is refused."""
    heard = []
    for record, event in batch.of(*models):
        try:
            heard.append((record, event, UUID(event.ticket_id)))
        except ValueError:
            work.refuse(
                record, "bad_ticket_id", f"{event.ticket_id[:100]!r} is not the id of a ticket, which is a UUID"
            )
    return heard
