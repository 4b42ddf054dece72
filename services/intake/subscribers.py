"""What intake reads: reference data first, then what became of its tickets, then contacts."""

from typing import Final

from services.intake.store.handles import known_addresses
from services.intake.use_cases.receive_contacts import ReceiveContacts
from services.intake.use_cases.remember_reference_data import remember_members, remember_orders
from services.intake.use_cases.understand_contact import PreparedContact
from shared.bus.record import Batch
from shared.bus.ticket_events import ticket_events
from shared.bus.transactions import Handler
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.registry import BY_MODEL
from shared.contracts.tickets import TicketEvent
from shared.erasure.orders import take_orders
from shared.security.sealing import Sealer

# What intake said itself stands in its tables since the transaction that said it.
_OF_OTHERS: Final = tuple(
    model for model, event_type in BY_MODEL.items() if issubclass(model, TicketEvent) and event_type.writer != "intake"
)


def subscriber(sealer: Sealer, receive: ReceiveContacts) -> Handler:
    """The handler of intake's batches."""

    known = known_addresses(sealer)

    async def handle(batch: Batch, work: UnitOfWork) -> None:
        # Before the members: with a deleted one go the addresses that what they wrote is found by.
        await take_orders(batch, work, addresses=known)
        await remember_members(batch, work.connection, sealer)
        await remember_orders(batch, work.connection)
        # The contacts last: one of them may come from the very address that a member of this batch has just verified.
        contacts = batch.prepared(PreparedContact)
        of_others = [(ticket_id, event) for _, event, ticket_id in ticket_events(batch, work, *_OF_OTHERS)]
        if contacts or of_others:
            await receive(contacts, of_others, work)

    return handle
