"""What others did to a ticket, as far as intake has to know."""

from dataclasses import replace
from typing import Final

from services.intake.domain.ticket import Status, Ticket
from shared.contracts.ids import as_uuid
from shared.contracts.tickets import (
    TicketClosed,
    TicketCorrected,
    TicketEvent,
    TicketMerged,
    TicketReopened,
    TicketResolved,
)

_STATUS_AFTER: Final[dict[type[TicketEvent], Status]] = {
    TicketResolved: Status.RESOLVED,
    TicketReopened: Status.OPEN,
    TicketClosed: Status.CLOSED,
    TicketMerged: Status.MERGED,
}


def changes_more_than_tier(event: TicketEvent) -> bool:
    """Whether intake has to know of ``event`` whatever tier it carries."""
    return type(event) in _STATUS_AFTER or isinstance(event, TicketCorrected)


def follow_ticket(ticket: Ticket, event: TicketEvent) -> Ticket:
    """The ticket after ``event``: its status and since when, its corrected type, and the tier its other writers give it
    now."""
    status = _STATUS_AFTER.get(type(event), ticket.status)
    return replace(
        ticket,
        tier=event.tier,
        status=status,
        # One that is closed after it was resolved ended when it was resolved: the window counts from there.
        ended_at=None if status is Status.OPEN else ticket.ended_at or event.at,
        closed_at=(event.at if status is not ticket.status else ticket.closed_at) if status is Status.CLOSED else None,
        problem_type=event.problem_type if isinstance(event, TicketCorrected) else ticket.problem_type,
        lacks_matter=ticket.lacks_matter and not isinstance(event, TicketCorrected),
        merged_into=as_uuid(event.into) if isinstance(event, TicketMerged) else ticket.merged_into,
    )
