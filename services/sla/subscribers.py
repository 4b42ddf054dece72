"""What sla reads: the life of tickets, and who asked to be forgotten."""

from typing import Final

from services.sla.rules.in_force import RulesInForce
from services.sla.use_cases.move_clocks import move_clocks
from shared.bus.record import Batch
from shared.bus.ticket_events import ticket_events
from shared.bus.transactions import Handler
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import tickets
from shared.erasure.orders import take_orders

SUBSCRIBED_EVENTS: Final = (
    tickets.TicketOpened,
    tickets.TicketAmended,
    tickets.TicketMerged,
    tickets.TicketAnswered,
    tickets.TicketWaiting,
    tickets.TicketResumed,
    tickets.TicketResolved,
    tickets.TicketReopened,
    tickets.TicketClosed,
    tickets.TicketAppealed,
    tickets.TicketAcknowledged,
    tickets.TicketCorrected,
)
"""The events that move a clock. Those sla writes itself are not among them."""


def subscriber(rules: RulesInForce) -> Handler:
    """The handler of a batch: moves the clocks of every ticket in it."""

    async def handle(batch: Batch, work: UnitOfWork) -> None:
        await take_orders(batch, work)
        await move_clocks(work, ticket_events(batch, work, *SUBSCRIBED_EVENTS), rules)

    return handle
