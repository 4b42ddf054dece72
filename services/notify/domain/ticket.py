"""What notify keeps of a ticket, and which of its events members hear about."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.contracts import tickets
from shared.contracts.vocabulary import Identity, ProblemType, Proof, WaitingOn


class NoticeKind(StrEnum):
    """The notices there are; also the names of their templates."""

    OPENED = "opened"
    ANSWERED = "answered"
    WAITING = "waiting"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


_STRENGTH = {identity.value: strength for strength, identity in enumerate(Identity)}
_RECOGNISED_FROM = _STRENGTH[Identity.HANDLE]
_PROOFS = {proof.value: strength for strength, proof in enumerate(Proof)}


SAYS_NO_MORE: Final = frozenset({NoticeKind.OPENED})
"""The notices that say nothing but that somebody reached us, and may follow a contact others can forge. Their templates
must not say more either."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as its events told it. ``version`` counts the events members hear about; ``level`` is the highest
    escalation heard of. ``identity`` says by what ``member_id`` is who spoke, ``identity_proof`` how surely."""

    ticket_id: UUID
    ticket_no: str
    member_id: str | None = None
    identity: str = Identity.NONE
    identity_proof: str = Proof.NONE
    problem_type: str = ProblemType.OTHER
    version: int = 0
    level: int = 0
    opened: bool = False
    merged: bool = False
    ended: bool = False

    @property
    def recognised(self) -> bool:
        """Whether the member is known to be the one who spoke. A claim is not enough, an unknown word neither."""
        return _STRENGTH.get(self.identity, -1) >= _RECOGNISED_FROM

    def proven_enough_for(self, kind: NoticeKind) -> bool:
        """Whether the member may be sent a notice of this kind: what others can forge has them told only that somebody
        reached us."""
        least = Proof.WEAK if kind in SAYS_NO_MORE else Proof.STRONG
        return self.recognised and _PROOFS.get(self.identity_proof, -1) >= _PROOFS[least]

    def apply(self, event: tickets.TicketEvent) -> "tuple[Ticket, NoticeKind | None]":
        """The ticket after ``event``, and the kind of notice the event is worth, if any.

        An opening repeated and an escalation to a level already reached are worth none.
        """
        kind = self._kind(event)
        ticket = replace(self, ticket_no=event.ticket_no or self.ticket_no)
        match event:
            case tickets.TicketOpened():
                ticket = replace(ticket, opened=True, problem_type=event.problem_type)._identified(event)
            case tickets.TicketAmended():
                ticket = replace(ticket, problem_type=event.problem_type or self.problem_type)._identified(event)
            case tickets.TicketCorrected():
                ticket = replace(ticket, problem_type=event.problem_type)
            case tickets.TicketEscalated():
                ticket = replace(ticket, level=max(self.level, event.level))
            case tickets.TicketMerged():
                ticket = replace(ticket, merged=True)
            case tickets.TicketClosed() | tickets.TicketReopened():
                ticket = replace(ticket, ended=isinstance(event, tickets.TicketClosed))
            case _:
                pass
        return (replace(ticket, version=ticket.version + 1) if kind else ticket), kind

    def _identified(self, event: tickets.TicketOpened | tickets.TicketAmended) -> "Ticket":
        if event.member_id != self.member_id:
            # a further contact may name the member for the first time, but nothing unproven takes a ticket over
            if self.recognised and _STRENGTH.get(event.identity, -1) < _RECOGNISED_FROM:
                return self
            return replace(self, member_id=event.member_id, identity=event.identity, identity_proof=_proof(event))
        return replace(
            self,
            identity=max(self.identity, event.identity, key=lambda one: _STRENGTH.get(one, -1)),
            identity_proof=max(self.identity_proof, _proof(event), key=lambda one: _PROOFS.get(one, -1)),
        )

    def _kind(self, event: tickets.TicketEvent) -> NoticeKind | None:
        if self.merged:
            return None
        match event:
            case tickets.TicketOpened():
                return None if self.opened else NoticeKind.OPENED
            case tickets.TicketAnswered():
                return NoticeKind.ANSWERED
            case tickets.TicketWaiting(on=WaitingOn.MEMBER):
                return NoticeKind.WAITING
            case tickets.TicketEscalated():
                return NoticeKind.ESCALATED if event.level > self.level else None
            case tickets.TicketResolved():
                return NoticeKind.RESOLVED
            case _:
                return None


def _proof(event: tickets.TicketOpened | tickets.TicketAmended) -> str:
    # an older version of intake does not say: then a member who is recognised counts as it counted there
    return event.identity_proof or Proof.STRONG
