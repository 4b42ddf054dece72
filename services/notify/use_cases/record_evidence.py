"""What providers say about notices - answers, receipts, look-ups - moves them forward, and never back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.notify.domain.follow_up import FollowUpPolicy
from services.notify.domain.states import NoticeState
from services.notify.store import intents as intent_store
from services.notify.store.tickets import lock_tickets
from services.notify.use_cases.announce import announce
from shared.bus.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing a provider said, or did not say, about a notice."""

    notice_id: UUID
    state: NoticeState
    provider: str
    message_id: str | None = None
    reason: str | None = None


async def record_evidence(work: UnitOfWork, evidence: Sequence[Evidence], follow_up: FollowUpPolicy) -> list[bool]:
    """Records evidence, in any order and however often. Returns of each piece whether it spoke of a notice it may.

    What is about a notice we do not know, never sent, or sent by another provider says nothing.
    """
    ticket_ids = await intent_store.tickets_of(work.connection, {piece.notice_id for piece in evidence})
    await lock_tickets(work.connection, ticket_ids)
    intents = await intent_store.by_id(work.connection, {piece.notice_id for piece in evidence})
    known, changed = [], {}
    for piece in evidence:
        intent = intents.get(piece.notice_id)
        known.append(intent is not None and intent.attempt > 0 and intent.provider == piece.provider)
        if intent is None or not known[-1]:
            continue
        moved = follow_up.after_evidence(intent, piece.state, piece.reason, work.now)
        if piece.message_id and not moved.message_id:
            moved = replace(moved, message_id=piece.message_id)
        if moved != intent:
            intents[piece.notice_id] = changed[piece.notice_id] = moved
        if moved.state is not intent.state:
            announce(work, [moved])
    await intent_store.save(work.connection, list(changed.values()))
    return known
