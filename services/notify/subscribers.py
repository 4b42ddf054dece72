"""What notify reads: members, and the life of tickets."""

from services.notify.domain.ticket import SUBSCRIBED_EVENTS
from services.notify.plan_notices import drop_notices_of_merged, hear_tickets, plan_notices
from services.notify.rules import Rules
from services.notify.store.members import change_members
from services.notify.store.tickets import lock_tickets
from shared.bus.record import Batch
from shared.bus.reference_changes import reference_changes
from shared.bus.transactions import Handler
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import topics
from shared.contracts.reference import MemberChanged
from shared.contracts.tickets import TicketMerged
from shared.erasure.orders import take_orders
from shared.security.sealing import Sealer


def subscriber(sealer: Sealer, rules: Rules) -> Handler:
    """The handler of a batch."""

    async def handle(batch: Batch, work: UnitOfWork) -> None:
        await take_orders(batch, work)
        events = batch.of(*SUBSCRIBED_EVENTS)
        tickets = await lock_tickets(work.connection, {event.ticket_id for _, event in events})
        members = reference_changes(batch, topics.MEMBER, MemberChanged, lambda member: member.member_id)
        await change_members(work.connection, sealer, members.changed, members.gone)
        heard = await hear_tickets(work, events, tickets)
        await plan_notices(work, heard, tickets, rules)
        merged = {event.ticket_id for _, event in events if isinstance(event, TicketMerged)}
        await drop_notices_of_merged(work, merged)

    return handle
