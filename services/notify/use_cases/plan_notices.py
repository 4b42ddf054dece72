"""Ticket events in, planned notices out: the use case behind the subscriber."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.notify.domain.intent import Intent
from services.notify.domain.planning import DEFAULT_CHANNEL, plan, supersede
from services.notify.domain.states import NoticeState
from services.notify.domain.ticket import NoticeKind, Ticket
from services.notify.rules.rule_files import NotifyRules
from services.notify.store import intents as intent_store
from services.notify.store.members import lock_members
from services.notify.store.tickets import save_tickets
from services.notify.use_cases.announce import announce
from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.ids import derived_id
from shared.contracts.tickets import TicketEvent


@dataclass(frozen=True, slots=True)
class NoticeTrigger:
    """An event worth a notice, with the ticket as it was right after."""

    record: Record
    event: TicketEvent
    kind: NoticeKind
    ticket: Ticket


async def apply_events(
    work: UnitOfWork, events: Sequence[tuple[Record, TicketEvent, UUID]], tickets: dict[UUID, Ticket]
) -> list[NoticeTrigger]:
    """Folds the events into ``tickets``, saves what they changed, and returns what members are to hear of, in order."""
    triggers = []
    changed: dict[UUID, Ticket] = {}
    for record, event, ticket_id in events:
        known = tickets.get(ticket_id)
        ticket, kind = (known or Ticket(ticket_id, event.ticket_no)).apply(event)
        if ticket != known:  # most of what happens to a ticket is nothing a member hears about
            tickets[ticket_id] = changed[ticket_id] = ticket
        if kind is not None:
            triggers.append(NoticeTrigger(record, event, kind, ticket))
    await save_tickets(work.connection, list(changed.values()))
    return triggers


async def plan_notices(
    work: UnitOfWork, triggers: Sequence[NoticeTrigger], tickets: dict[UUID, Ticket], rules: NotifyRules
) -> None:
    """Plans a notice for each trigger; what was planned for an older state and not yet sent is superseded.

    Of several events of one ticket in a batch only the last is worth sending. A repeated event plans nothing.
    """
    if not triggers:
        return
    member_ids = {ticket.member_id for ticket in tickets.values() if ticket.member_id}
    members = await lock_members(work.connection, member_ids)
    known = await intent_store.of_tickets(work.connection, {trigger.ticket.ticket_id for trigger in triggers})
    causes = {(intent.ticket_id, intent.cause) for intent in known}
    current: dict[UUID, dict[UUID, Intent]] = {}
    for intent in known:
        current.setdefault(intent.ticket_id, {})[intent.notice_id] = intent
    changed: dict[UUID, Intent] = {}
    for trigger in triggers:
        ticket = tickets[trigger.ticket.ticket_id]
        if (ticket.ticket_id, trigger.record.cause) in causes:
            continue  # seen before: the row outlives what the inbox remembers
        causes.add((ticket.ticket_id, trigger.record.cause))
        of_ticket = current.setdefault(ticket.ticket_id, {})
        # those planned earlier in this very batch are among them: of a burst one notice is left
        older = supersede(list(of_ticket.values()))
        member = members.get(ticket.member_id) if ticket.member_id else None
        fresh = _fresh(trigger, ticket, rules, work, locale=member.locale if member else None)
        planned = plan(fresh, ticket, member, rules.policy.kinds[trigger.kind], grace=rules.member_grace, now=work.now)
        for intent in (*older, planned):
            of_ticket[intent.notice_id] = changed[intent.notice_id] = intent
        announce(work, (*older, planned), trigger.record)
    await intent_store.save(work.connection, list(changed.values()))


async def drop_notices_of_merged(work: UnitOfWork, merged: Iterable[UUID]) -> None:
    """What was planned for a ticket that goes on in another is not sent."""
    if not (merged := set(merged)):
        return
    intents = await intent_store.of_tickets(work.connection, merged)
    dropped = supersede(intents)
    await intent_store.save(work.connection, dropped)
    announce(work, dropped)


def _fresh(
    trigger: NoticeTrigger, ticket: Ticket, rules: NotifyRules, work: UnitOfWork, *, locale: str | None
) -> Intent:
    """A notice nothing is decided about yet. Its id derives from what it is about, so a replay means the same one."""
    rule = rules.policy.kinds[trigger.kind]
    catalogue = rules.policy.catalogues.of(locale)
    return Intent(
        notice_id=derived_id(
            f"notice/{ticket.ticket_id}", f"{trigger.kind}/{trigger.ticket.version}", trigger.event.at
        ),
        ticket_id=ticket.ticket_id,
        member_id=ticket.member_id,
        kind=trigger.kind,
        version=trigger.ticket.version,
        channel=DEFAULT_CHANNEL,
        state=NoticeState.HELD,
        template_version=catalogue.templates[trigger.kind].version,
        text_hash=catalogue.text_hash(trigger.kind),
        cause=trigger.record.cause,
        planned_at=work.now,
        expires_at=trigger.event.at + rule.useful_for,
    )
