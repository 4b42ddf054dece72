"""What can be known of a contact from itself alone: what it says, whose address it is from, and how it is kept.

All of it is pure and takes its time, so it is done before the transaction and aside from the event loop.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake import store
from services.intake.understanding import ProblemTypes, Understanding, understand
from shared.bus.record import Record
from shared.contracts.contacts import ContactReceived
from shared.security.sealing import Sealer

REMEMBERED: Final = 100
"""So many of the latest contacts are not understood again when they are told again, as a channel does that hears no
answer."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A contact, the blind index of the address it came from, what it says, and both sealed as they are kept."""

    record: Record
    contact: ContactReceived
    sender: bytes
    said: Understanding
    sender_sealed: bytes
    content_sealed: bytes

    @property
    def key(self) -> store.ContactKey:
        """The natural key."""
        return self.contact.channel, self.contact.contact_id


class UnderstandContact:
    """The use case, with what it needs to know."""

    def __init__(self, sealer: Sealer, rules: ProblemTypes) -> None:
        self._sealer = sealer
        self._rules = rules
        self._latest: dict[bytes, Understanding] = {}

    def __call__(self, record: Record, contact: ContactReceived, now: datetime) -> Understood:
        """``now`` is the time by the database: no contact was received later."""
        # a channel holds no slash and comes first, so no two contacts have one context
        context = f"contact/{contact.channel}/{contact.contact_id}"
        return Understood(
            record=record,
            contact=contact,
            sender=self._sealer.blind(contact.sender.kind, contact.sender.value),
            said=self._said(record, contact, now),
            sender_sealed=self._sealer.seal(contact.sender.model_dump_json(), context=context),
            content_sealed=self._sealer.seal(contact.model_dump_json(exclude={"sender"}), context=context),
        )

    def _said(self, record: Record, contact: ContactReceived, now: datetime) -> Understanding:
        fingerprint = hashlib.sha256(record.value or b"").digest()
        said = self._latest.pop(fingerprint, None) or self._understand(contact, now)
        self._latest[fingerprint] = said
        if len(self._latest) > REMEMBERED:
            del self._latest[next(iter(self._latest))]
        return said

    def _understand(self, contact: ContactReceived, now: datetime) -> Understanding:
        return understand(
            contact.text,
            subject=contact.subject,
            channel=contact.channel,
            received_at=min(contact.received_at, now),
            steps=contact.steps,
            order_no=contact.order_no,
            purchased_at=contact.purchased_at,
            rules=self._rules,
        )
