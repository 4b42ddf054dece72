"""A contact on its way to a ticket: the one shape it has from being recognised to being kept."""

from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.threading import JoinRule
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.store.contacts import ContactKey, KeptContact
from services.intake.use_cases.understand_contact import PreparedContact


@dataclass(frozen=True, slots=True)
class ThreadedContact:
    """What is known of a contact by itself and among others, the ticket it was put to (None: it waits), and the rule
    that decided."""

    prepared: PreparedContact
    understood: UnderstoodContact
    ticket_id: UUID | None = None
    rule: JoinRule = JoinRule.WAITING

    @property
    def key(self) -> ContactKey:
        """The natural key."""
        return self.prepared.key

    def as_kept(self) -> KeptContact:
        """The contact as it is kept."""
        return KeptContact(
            channel=self.prepared.received.channel,
            contact_id=self.prepared.received.contact_id,
            ticket_id=self.ticket_id,
            rule=self.rule.value,
            identity=self.understood.identification.level,
            claimed_member_id=self.understood.identification.claimed_member_id,
            sender=self.prepared.sender,
            sender_sealed=self.prepared.sender_sealed,
            content_sealed=self.prepared.content_sealed,
            received_at=self.understood.at,
        )
