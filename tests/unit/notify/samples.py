"""A ticket, a member, a notice, as the tests of notify need them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.notify.domain.intent import Intent
from services.notify.domain.member import Member
from services.notify.domain.states import NoticeState
from services.notify.domain.ticket import NoticeKind, Ticket
from services.notify.rules.rule_files import load_rules
from shared.contracts.ticket_numbers import ticket_number
from shared.contracts.tickets import TicketEvent
from tests.shipped import CONFIG

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TICKET_NO = ticket_number(42, NOW)
RULES = load_rules(CONFIG)
POLICY = RULES.policy
KNOWN = POLICY.catalogues.text_hashes()

TICKET_ID = UUID("01937f00-0000-7000-8000-000000000001")
TICKET = Ticket(TICKET_ID, TICKET_NO, "m-1", "handle", "strong", "refund", version=1, opened=True)
MEMBER = Member("m-1", "standard", "zh-CN", has_phone=True)

INTENT = Intent(
    notice_id=UUID(int=1),
    ticket_id=TICKET_ID,
    member_id="m-1",
    kind=NoticeKind.OPENED,
    version=1,
    channel="sms",
    state=NoticeState.PLANNED,
    template_version=1,
    text_hash=POLICY.catalogues.of(None).text_hash(NoticeKind.OPENED),
    cause="e-1",
    planned_at=NOW,
    expires_at=NOW + timedelta(minutes=30),
    due_at=NOW,
)


def submitted(**fields: Any) -> Intent:
    """A notice handed over just now."""
    return replace(INTENT.submitted(provider="sandbox", at=NOW, answer_by=NOW + timedelta(seconds=15)), **fields)


def event(model: type[TicketEvent], **fields: Any) -> TicketEvent:
    """An event of the ticket."""
    return model.model_validate(
        {"ticket_id": str(TICKET_ID), "ticket_no": TICKET_NO, "member_id": "m-1", "at": NOW, **fields}
    )
