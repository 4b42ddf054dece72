"""A ticket as its events tell it. Pure: events in, in the order of their partition; nothing else is known."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.contracts import tickets
from shared.contracts.envelope import Envelope
from shared.contracts.tickets import TicketEvent
from shared.contracts.vocabulary import AnsweredBy, Clock

STATES: Final[dict[type[TicketEvent], str]] = {
    tickets.TicketOpened: "open",
    tickets.TicketQueued: "queued",
    tickets.TicketAssigned: "assigned",
    tickets.TicketAccepted: "accepted",
    tickets.TicketDeclined: "queued",
    tickets.TicketWaiting: "waiting",
    tickets.TicketResumed: "accepted",
    tickets.TicketResolved: "resolved",
    tickets.TicketReopened: "reopened",
    tickets.TicketClosed: "closed",
    tickets.TicketMerged: "merged",
}
"""The state a ticket is in after an event; events that are not here leave it as it was."""

OVER: Final = frozenset({"resolved", "closed", "merged"})


@dataclass(slots=True)
class ClockView:
    """One promise: when it is due, and when it was met, warned of or broken."""

    name: str
    due: datetime
    met_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def standing(self) -> str:
        """`running`, `warned`, `met`, or `broken` (also when it was met afterwards)."""
        if self.breached_at or (self.met_at and self.met_at > self.due):
            return "broken"
        if self.met_at:
            return "met"
        return "warned" if self.warned_at else "running"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the story. ``source`` and ``event_id`` together name it; a repeated publication bears the same."""

    verb: str
    event: TicketEvent
    offset: int
    event_id: str
    source: str

    @classmethod
    def of(cls, envelope: Envelope, event: TicketEvent, offset: int) -> "Entry":
        """The entry of an event as it came; `support.ticket.opened.v1` is told as `opened`."""
        return cls(envelope.type.split(".")[-2], event, offset, envelope.id, envelope.source)


@dataclass(slots=True)
class TicketView:
    """What is known of a ticket now, and its whole story. ``summary`` is that of the contact which opened it,
    or said first what it is about."""

    ticket_id: str
    ticket_no: str = ""
    member_id: str | None = None
    tier: str = ""
    channel: str | None = None
    problem_type: str | None = None
    summary: str = ""
    urgency: str | None = None
    order_no: str | None = None
    opened_at: datetime | None = None
    state: str = "open"
    waiting_on: str | None = None
    merged_into: str | None = None
    queue: str | None = None
    lane: str | None = None
    agent_id: str | None = None
    clocks: dict[str, ClockView] = field(default_factory=dict)
    escalation_level: int = 0
    escalation_team: str | None = None
    acknowledged_by: str | None = None
    story: list[Entry] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to do anything."""
        return self.state not in OVER

    def apply(self, envelope: Envelope, event: TicketEvent, offset: int) -> None:
        """Takes in the next event. A repeated publication (same source and id) changes nothing."""
        if (envelope.source, envelope.id) in self._told:
            return
        self._told.add((envelope.source, envelope.id))
        self.story.append(Entry.of(envelope, event, offset))
        self.ticket_no, self.tier = event.ticket_no, event.tier
        self.member_id = event.member_id or self.member_id
        self.state = STATES.get(type(event), self.state)
        self._facts(event)
        self._work(event)
        self._promises(event)

    def _facts(self, event: TicketEvent) -> None:
        match event:
            case tickets.TicketOpened():
                self.opened_at, self.channel = event.at, event.channel
                self.problem_type, self.summary = event.problem_type, event.summary
                self.urgency, self.order_no = event.urgency, event.order_no
            case tickets.TicketAmended():
                self.order_no = event.order_no or self.order_no
                self.urgency = event.urgency
                if event.problem_type:
                    self.problem_type, self.summary = event.problem_type, event.summary
            case tickets.TicketCorrected():
                self.problem_type = event.problem_type
            case tickets.TicketMerged():
                self.merged_into = event.into

    def _work(self, event: TicketEvent) -> None:
        match event:
            case tickets.TicketQueued():
                self.queue, self.agent_id = event.queue, None
            case tickets.TicketAssigned():
                self.queue, self.lane, self.agent_id = event.queue, event.lane, event.agent_id
            case tickets.TicketAccepted():
                self.agent_id = event.agent_id
            case tickets.TicketDeclined():
                self.agent_id = None
            case tickets.TicketWaiting():
                self.waiting_on = event.on
            case tickets.TicketResumed():
                self.waiting_on = None

    def _promises(self, event: TicketEvent) -> None:
        match event:
            case tickets.TicketPromised():
                self._due(Clock.FIRST_ANSWER, event.first_answer_due)
                if event.plan_due:
                    self._due(Clock.PLAN, event.plan_due)
            case tickets.TicketWarned():
                self._due(event.clock, event.due).warned_at = event.at
            case tickets.TicketBreached():
                self._due(event.clock, event.due).breached_at = event.at
            case tickets.TicketAnswered():
                answered = {Clock.FIRST_ANSWER, Clock.NEXT_ANSWER}
                self._met(answered | {Clock.PLAN} if event.by.kind == AnsweredBy.AGENT else answered, event.at)
            case tickets.TicketResolved() | tickets.TicketClosed():
                self._met(Clock, event.at)
            case tickets.TicketEscalated():
                self.escalation_level, self.escalation_team = event.level, event.team
                self.acknowledged_by = None
            case tickets.TicketAcknowledged():
                self.acknowledged_by = f"{event.actor_kind}:{event.actor_id}"

    def _due(self, name: str, due: datetime) -> ClockView:
        """The clock of that name with that due time; the next-answer clock starts anew with every new due time."""
        clock = self.clocks.get(name)
        if clock is None or (name == Clock.NEXT_ANSWER and clock.met_at and clock.due != due):
            clock = self.clocks[name] = ClockView(str(name), due)
        clock.due = due
        return clock

    def _met(self, names: Iterable[str], at: datetime) -> None:
        for name in names:
            if (clock := self.clocks.get(name)) and clock.met_at is None:
                clock.met_at = at
