"""What notify reads: members, and the life of tickets."""

from services.notify.plan_notices import drop_notices_of_merged, hear_tickets, plan_notices
from services.notify.rules import Rules
from services.notify.store.members import apply_changes
from services.notify.store.tickets import lock_tickets
from shared.bus.batch import Handler
from shared.bus.record import Batch
from shared.bus.work import Work
from shared.contracts import topics
from shared.contracts.reference import MemberChanged
from shared.contracts.tickets import TicketEvent, TicketMerged
from shared.security.sealing import Sealer


def subscriber(sealer: Sealer, rules: Rules) -> Handler:
    """The handler of a batch."""

    async def handle(batch: Batch, work: Work) -> None:
        events = batch.of(TicketEvent)
        tickets = await lock_tickets(work.connection, {event.ticket_id for _, event in events})
        await apply_changes(work.connection, sealer, _member_changes(batch))
        heard = await hear_tickets(work, events, tickets)
        await plan_notices(work, heard, tickets, rules)
        merged = {event.ticket_id for _, event in events if isinstance(event, TicketMerged)}
        await drop_notices_of_merged(work, merged)

    return handle


def _member_changes(batch: Batch) -> list[tuple[str, MemberChanged | None]]:
    """Changes and deletions of members, in the order in which they came."""
    changes: list[tuple[str, MemberChanged | None]] = []
    gone = {id(record) for record in batch.tombstones(topics.MEMBER)}
    for record in batch.records:
        if isinstance(record.event, MemberChanged):
            changes.append((record.event.member_id, record.event))
        elif id(record) in gone:
            changes.append((record.key_text, None))
    return changes
