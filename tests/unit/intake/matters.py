"""Contacts and tickets for the tests of intake's decisions, short to write."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.intake.domain.attachments import shown_attachments
from services.intake.domain.identity import Identification
from services.intake.domain.threading import Windows
from services.intake.domain.ticket import Status, Ticket
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.understanding.understand import Understanding, understand
from shared.contracts.contacts import ContactReceived
from shared.contracts.vocabulary import Identity, Proof, Remark, Urgency
from tests.shipped import problem_types

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WINDOW = timedelta(hours=24)
REPLIES = timedelta(days=14)
WINDOWS = Windows(WINDOW, REPLIES)
ALICE, BOB = (Identification(Identity.HANDLE, name, proof=Proof.WEAK) for name in ("alice", "bob"))
STRANGER = Identification(Identity.NONE, proof=Proof.WEAK)


def contact(**fields: Any) -> ContactReceived:
    """A contact by telephone, with whatever differs."""
    told = {
        "contact_id": "c-1",
        "channel": "phone",
        "received_at": NOW,
        "sender": {"kind": "phone", "value": "+8613900000000"},
        **fields,
    }
    return ContactReceived.model_validate(told)


def words(text: str = "你好", **fields: Any) -> Understanding:
    """What a text says, with whatever differs."""
    return replace(understand(text, received_at=NOW, rules=problem_types()), **fields)


def understood(
    identification: Identification = ALICE, *, orders: tuple[str, ...] = (), **fields: Any
) -> UnderstoodContact:
    """A contact that was understood: a top-up that has not arrived, unless told otherwise."""
    understanding: dict[str, Any] = {
        "problem_type": "topup_not_arrived",
        "order_nos": orders,
        "missing": (),
        "urgency": Urgency.NORMAL,
        "remark": Remark.MATTER,
    }
    understanding |= {name: fields.pop(name) for name in tuple(fields) if name in Understanding.__slots__}
    told: dict[str, Any] = {
        "received": contact(),
        "at": NOW,
        "sender": b"phone-a",
        "identification": identification,
        "tier": None,
        "understanding": words(**understanding),
        "attachments": shown_attachments(fields.get("received", contact()).attachments),
        "order_no": orders[0] if orders else None,
        "order_owner": None,
    }
    return UnderstoodContact(**{**told, **fields})


def ticket(member_id: str | None = "alice", **fields: Any) -> Ticket:
    """An open ticket about a top-up, last spoken about an hour ago."""
    told: dict[str, Any] = {
        "ticket_id": uuid.uuid4(),
        "ticket_no": "T261122-0000010",
        "member_id": member_id,
        "sender": b"phone-a",
        "tier": "standard",
        "problem_type": "topup_not_arrived",
        "order_no": None,
        "missing": (),
        "urgency": Urgency.NORMAL,
        "identity": Identity.HANDLE,
        "proof": Proof.WEAK,
        "status": Status.OPEN,
        "merged_into": None,
        "opened_at": NOW - timedelta(hours=1),
        "last_contact_at": NOW - timedelta(hours=1),
    }
    return Ticket(**{**told, **fields})
