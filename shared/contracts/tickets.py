"""``support.ticket.v1``: the life of every ticket, one ordered log. Each event type has exactly one writer."""

from decimal import Decimal
from typing import Annotated

from shared.contracts.contacts import Attachment
from shared.contracts.model import Fact, Identifier, Time, known
from shared.contracts.vocabulary import (
    ActorKind,
    AnsweredBy,
    Channel,
    Clock,
    Complexity,
    DeclineCause,
    EscalationCause,
    Identity,
    Lane,
    Outcome,
    ProblemType,
    Proof,
    Remark,
    Team,
    Tier,
    Urgency,
    WaitingOn,
)


class TicketEvent(Fact):
    """What every event of a ticket carries."""

    ticket_id: Identifier
    ticket_no: str
    member_id: str | None = None
    tier: Annotated[str, known(Tier)] = Tier.STANDARD
    at: Time


class RoutingEvent(TicketEvent):
    """What every event of routing carries. ``action_id``: the action that caused it; left out when none did."""

    action_id: Identifier | None = None


class Candidate(Fact):
    """A problem type that was considered and how probable it seemed (0 to 1)."""

    type: Annotated[str, known(ProblemType)]
    p: float


class Moment(Fact):
    """One entry of a time line. ``approx`` when the member gave no exact time."""

    at: Time | None = None
    what: str
    approx: bool = False


class Amount(Fact):
    """A sum of money the member named."""

    value: Decimal
    currency: str = "CNY"


class Party(Fact):
    """Who answered, solved or noted."""

    kind: Annotated[str, known(AnsweredBy)]
    id: str


class AssignmentReason(Fact):
    """Why this agent: the rule that decided, how many could have, and the seconds left before the promise breaks."""

    rule: str
    candidates: int = 0
    slack_seconds: float | None = None


class TicketOpened(TicketEvent):
    """Intake: a contact became a ticket. Phones, card keys and secrets are masked in every text of it.

    ``identity_proof``: how surely the contact came from who ``identity`` says. Readers treat what is not ``strong`` as
    unproven: they show it so, and tell its sender nothing. ``received_at``: when the contact reached the house, from
    which promises count. ``related_ticket_id``: the ticket of the same party it was told with, and is graver than.
    """

    channel: Annotated[str, known(Channel)]
    contact_id: str
    problem_type: Annotated[str, known(ProblemType)]
    candidates: tuple[Candidate, ...] = ()
    outcome: Annotated[str, known(Outcome)] = Outcome.HUMAN
    complexity: Annotated[str, known(Complexity)] = Complexity.SIMPLE
    urgency: Annotated[str, known(Urgency)] = Urgency.NORMAL
    order_no: str | None = None
    summary: str = ""
    timeline: tuple[Moment, ...] = ()
    anomaly: str | None = None
    amounts: tuple[Amount, ...] = ()
    missing: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    identity: Annotated[str, known(Identity)] = Identity.NONE
    identity_proof: Annotated[str | None, known(Proof)] = None
    language: str | None = None
    attachments: tuple[Attachment, ...] = ()
    received_at: Time | None = None
    related_ticket_id: Identifier | None = None


class TicketAmended(TicketEvent):
    """Intake: a further contact about the same matter, on any channel. Carries what it added, and what is known now.

    ``identity`` is the surest of the ticket so far; ``identity_proof`` is of this contact, and marks what it added.
    ``less_proven``: the ticket was told of by somebody who is more surely the member, so that this contact ends no
    wait, reopens nothing and starts no clock. ``remark``: what kind of saying it is. Only a ``matter`` (absent or
    unknown: the same) reopens a ticket and ends a wait; a courtesy and a machine's note want no answer either.
    ``received_at``: when it reached the house. ``problem_type`` is there when this contact is the first to say what the
    ticket is about, which a greeting had opened: from here on the ticket is what this contact says, as if it had opened
    it, with ``candidates``, ``outcome``, ``complexity`` and ``language``; its promises count from its receipt.
    """

    contact_id: str
    channel: Annotated[str, known(Channel)] = ""
    problem_type: Annotated[str | None, known(ProblemType)] = None
    candidates: tuple[Candidate, ...] = ()
    outcome: Annotated[str | None, known(Outcome)] = None
    complexity: Annotated[str | None, known(Complexity)] = None
    language: str | None = None
    order_no: str | None = None
    summary: str = ""
    timeline: tuple[Moment, ...] = ()
    anomaly: str | None = None
    amounts: tuple[Amount, ...] = ()
    missing: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    urgency: Annotated[str, known(Urgency)] = Urgency.NORMAL
    identity: Annotated[str, known(Identity)] = Identity.NONE
    identity_proof: Annotated[str | None, known(Proof)] = None
    less_proven: bool = False
    attachments: tuple[Attachment, ...] = ()
    remark: Annotated[str, known(Remark)] = Remark.MATTER
    received_at: Time | None = None


class TicketMerged(TicketEvent):
    """Intake: this ticket goes on in another."""

    into: str


class TicketQueued(RoutingEvent):
    """Routing: the ticket waits in a queue."""

    queue: str
    reason: str


class TicketAssigned(RoutingEvent):
    """Routing: the ticket is reserved for an agent, who has to accept it."""

    agent_id: str
    queue: str
    lane: Annotated[str, known(Lane)] = Lane.NORMAL
    attempt: int = 1
    reason: AssignmentReason


class TicketAccepted(RoutingEvent):
    """Routing: the agent took it."""

    agent_id: str


class TicketDeclined(RoutingEvent):
    """Routing: the agent did not take it, or could not keep it."""

    agent_id: str
    cause: Annotated[str, known(DeclineCause)]


class TicketAnswered(RoutingEvent):
    """Routing: the member was answered."""

    by: Party
    text: str = ""


class TicketWaiting(RoutingEvent):
    """Routing: nothing can be done until somebody moves."""

    on: Annotated[str, known(WaitingOn)]


class TicketResumed(RoutingEvent):
    """Routing: the waiting is over."""

    on: Annotated[str, known(WaitingOn)]


class TicketResolved(RoutingEvent):
    """Routing: solved, as the solver sees it."""

    by: Party
    how: str
    text: str = ""


class TicketReopened(RoutingEvent):
    """Routing: it was not solved after all."""

    cause: str


class TicketClosed(RoutingEvent):
    """Routing: nothing more can happen to it."""


class TicketAppealed(RoutingEvent):
    """Routing: the member contests how the ticket is handled; sla hears it."""

    actor_kind: Annotated[str, known(ActorKind)]
    actor_id: str
    reason: str = ""


class TicketAcknowledged(RoutingEvent):
    """Routing: somebody of the escalation ladder took charge; the ladder stops climbing."""

    actor_kind: Annotated[str, known(ActorKind)]
    actor_id: str
    team: Annotated[str, known(Team)] | None = None


class TicketCorrected(RoutingEvent):
    """Routing: an agent corrected the problem type."""

    problem_type: Annotated[str, known(ProblemType)]
    was: Annotated[str, known(ProblemType)]
    actor_id: str


class TicketNoted(RoutingEvent):
    """Routing: an internal note. It is for those who work on the ticket, and never shown to the member."""

    by: Party
    text: str


class TicketPromised(TicketEvent):
    """SLA: what we promise, and by which policy and calendar; said again whenever a due time moves.

    ``at_once`` names the clocks whose time was already used up when their terms changed.
    """

    first_answer_due: Time
    plan_due: Time | None = None
    next_answer_due: Time | None = None
    policy: str
    calendar: str
    at_once: tuple[str, ...] = ()


class TicketWarned(TicketEvent):
    """SLA: a promise is about to break."""

    clock: Annotated[str, known(Clock)]
    due: Time
    level: int = 0


class TicketBreached(TicketEvent):
    """SLA: a promise broke."""

    clock: Annotated[str, known(Clock)]
    due: Time
    level: int = 0


class TicketEscalated(TicketEvent):
    """SLA: the ticket climbed to the next rung: 1 supervisor, 2 technical, 3 operations."""

    level: int
    team: Annotated[str, known(Team)]
    cause: Annotated[str, known(EscalationCause)]
    clock: Annotated[str, known(Clock)] | None = None
