"""What can be known of a contact from itself alone: what it says, whose address it is from, and how it is kept.

All of it is pure and takes its time, so it is done before the transaction and aside from the event loop.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.domain.attachments import shown_attachments
from services.intake.domain.hidden_callers import hides
from services.intake.store.contacts import ContactKey
from services.intake.store.waiting_contacts import WaitingContact
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.understanding.rules import READ
from services.intake.understanding.understand import Understanding, understand
from shared.bus.record import Record
from shared.contracts.contacts import Attachment, ContactReceived, Sender
from shared.contracts.ids import name_of
from shared.contracts.ticket_numbers import ticket_numbers_in
from shared.security.sealing import Sealer

NOBODYS: Final = "\0nobodys"
"""The kind of an address that nobody has; no channel can send it."""

REMEMBERED: Final = 100
"""So many of the latest contacts are not understood again when they come again, as from a channel that gets no
answer."""


@dataclass(frozen=True, slots=True)
class PreparedContact:
    """A contact, the address it came from, what it says, and both sealed as they are kept.

    ``senders``: every blind index the address may be kept under, the present one first. ``cause``: the record it came
    in, or the name of its wait, when that is over. ``ticket_nos``: the tickets its words name. ``attachments``: what
    may be shown of them.
    """

    cause: Record | str
    received: ContactReceived
    senders: tuple[bytes, ...]
    understanding: Understanding
    ticket_nos: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    sender_sealed: bytes
    content_sealed: bytes

    @property
    def key(self) -> ContactKey:
        """The natural key."""
        return self.received.channel, self.received.contact_id

    @property
    def sender(self) -> bytes:
        """The blind index of the address, as it is written."""
        return self.senders[0]


class UnderstandContact:
    """The use case, with what it needs to know."""

    def __init__(self, sealer: Sealer, rules: ProblemTypes) -> None:
        self._sealer = sealer
        self._rules = rules
        self._latest: dict[bytes, Understanding] = {}

    def __call__(self, record: Record, contact: ContactReceived, now: datetime) -> PreparedContact:
        """``now`` is the time by the database: no contact was received later."""
        context = sealed_as(contact.channel, contact.contact_id)
        return PreparedContact(
            cause=record,
            received=contact,
            senders=addresses_of(contact.sender, contact.channel, contact.contact_id, self._sealer),
            understanding=self._understanding(record, contact, now),
            ticket_nos=_ticket_nos(contact),
            attachments=shown_attachments(contact.attachments),
            # Apart from the words, so that an address can be indexed anew without opening what anybody wrote.
            sender_sealed=self._sealer.seal(contact.sender.model_dump_json(), context=context),
            content_sealed=self._sealer.seal(contact.model_dump_json(exclude={"sender"}), context=context),
        )

    def again(self, kept: WaitingContact, now: datetime) -> PreparedContact:
        """The same of a contact that was kept. Raises DataKeyError when it cannot be opened any more."""
        context = sealed_as(kept.channel, kept.contact_id)
        content = json.loads(self._sealer.open(kept.content_sealed, context=context))
        content["sender"] = json.loads(self._sealer.open(kept.sender_sealed, context=context))
        contact = ContactReceived.model_validate(content)
        return PreparedContact(
            cause=name_of("waiting", kept.channel, kept.contact_id),
            received=contact,
            senders=addresses_of(contact.sender, contact.channel, contact.contact_id, self._sealer),
            understanding=self._understand(contact, now),
            ticket_nos=_ticket_nos(contact),
            attachments=shown_attachments(contact.attachments),
            sender_sealed=kept.sender_sealed,
            content_sealed=kept.content_sealed,
        )

    def _understanding(self, record: Record, contact: ContactReceived, now: datetime) -> Understanding:
        fingerprint = hashlib.sha256(record.value or b"").digest()
        understanding = self._latest.pop(fingerprint, None) or self._understand(contact, now)
        # Put back as the latest: the one that was not asked for longest stands first, and goes.
        self._latest[fingerprint] = understanding
        if len(self._latest) > REMEMBERED:
            del self._latest[next(iter(self._latest))]
        return understanding

    def _understand(self, contact: ContactReceived, now: datetime) -> Understanding:
        return understand(
            contact.text,
            subject=contact.subject,
            received_at=min(contact.received_at, now),
            steps=contact.steps,
            order_no=contact.order_no,
            purchased_at=contact.purchased_at,
            rules=self._rules,
        )


def addresses_of(sender: Sender, channel: str, contact_id: str, sealer: Sealer) -> tuple[bytes, ...]:
    """The blind indexes of a contact's address. Who hides their number has none: each of their contacts is from
    somebody else."""
    if hides(sender):
        return sealer.blinds(NOBODYS, name_of(channel, contact_id))
    return sealer.blinds(sender.kind, sender.value)


def sealed_as(channel: str, contact_id: str) -> str:
    """The context a contact is sealed in."""
    # a channel holds no slash and comes first, so no two contacts have one context
    return f"contact/{channel}/{contact_id}"


def _ticket_nos(contact: ContactReceived) -> tuple[str, ...]:
    return ticket_numbers_in(f"{(contact.subject or '')[:READ]}\n{(contact.text or '')[:READ]}")
