"""What happens to tickets moves their clocks."""

from collections.abc import Sequence
from uuid import UUID

from services.sla.rules.in_force import RulesInForce
from services.sla.use_cases.ticket_clocks_batch import TicketClocksBatch
from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.tickets import TicketEvent


async def move_clocks(
    work: UnitOfWork, events: Sequence[tuple[Record, TicketEvent, UUID]], rules: RulesInForce
) -> None:
    """Applies events in order, and publishes the promises, warnings and breaches that follow."""
    batch = TicketClocksBatch(work, rules)
    await batch.load({ticket_id for _, _, ticket_id in events})
    for record, event, ticket_id in events:
        batch.apply(record, ticket_id, event)
    await batch.save()
