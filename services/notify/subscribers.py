"""What notify reads: members, and the life of tickets."""

from typing import Final

from services.notify.rules.rule_files import NotifyRules
from services.notify.store.members import change_members
from services.notify.store.tickets import lock_tickets
from services.notify.use_cases.plan_notices import apply_events, drop_notices_of_merged, plan_notices
from shared.bus.record import Batch
from shared.bus.reference_changes import reference_changes
from shared.bus.ticket_events import ticket_events
from shared.bus.transactions import Handler
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import tickets, topics
from shared.contracts.reference import MemberChanged
from shared.erasure.orders import take_orders
from shared.security.sealing import Sealer

SUBSCRIBED_EVENTS: Final = (
    tickets.TicketOpened,
    tickets.TicketAmended,
    tickets.TicketCorrected,
    tickets.TicketMerged,
    tickets.TicketAnswered,
    tickets.TicketWaiting,
    tickets.TicketEscalated,
    tickets.TicketResolved,
    tickets.TicketClosed,
    tickets.TicketReopened,
)
"""The events that change a ticket here or are worth a notice."""


def subscriber(sealer: Sealer, rules: NotifyRules) -> Handler:
    """The handler of a batch."""

    async def handle(batch: Batch, work: UnitOfWork) -> None:
        await take_orders(batch, work)
        events = ticket_events(batch, work, *SUBSCRIBED_EVENTS)
        known = await lock_tickets(work.connection, {ticket_id for _, _, ticket_id in events})
        # after the tickets: rows are locked in the order ticket, member, intent, or two batches could wait in a circle
        members = reference_changes(batch, topics.MEMBER, MemberChanged, lambda member: member.member_id)
        await change_members(work.connection, sealer, members.changed, members.gone)
        triggers = await apply_events(work, events, known)
        await plan_notices(work, triggers, known, rules)
        merged = {ticket_id for _, event, ticket_id in events if isinstance(event, tickets.TicketMerged)}
        await drop_notices_of_merged(work, merged)

    return handle
