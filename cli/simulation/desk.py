"""What agents and members do when something has happened to a ticket. Pure: an event and what is known in, intents out.

Everybody looks again before they act: an intent whose ``still`` no longer holds is dropped, as a person would.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cli.simulation.matters import Letter, Matter
from cli.simulation.texts import Colleague, texts
from cli.simulation.treatment import After, Mischief
from cli.tickets.view import TicketView
from shared.contracts import tickets
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.tickets import TicketEvent
from shared.contracts.vocabulary import ActionKind, ActorKind, Clock, EscalationCause, WaitingOn

Still = Callable[[TicketView], bool]

_ACKNOWLEDGE_MINUTES: Final = 3.0
_TAKEOVER_MINUTES: Final = 6.0
_COURTESY_MINUTES: Final = 4.0
_READ_SECONDS: Final = 0.3
_MADE_UP_KIND: Final = "teleport"
_REPEATS: Final = 3


@dataclass(frozen=True, slots=True)
class Intent:
    """In so many seconds, if ``still`` holds then: publish ``act`` (so many ``times``), or hand over ``letter``.

    ``wrong``: it is not allowed, and everybody knows.
    """

    seconds: float
    still: Still
    act: ActionRequested | None = None
    letter: Letter | None = None
    times: int = 1
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """The team and its members' pace. ``minute``: seconds for a minute of the day; ``agents``: id -> who."""

    agents: Mapping[str, Colleague]
    minute: float

    def reactions(self, event: TicketEvent, ticket: TicketView, matter: Matter) -> list[Intent]:
        """What follows from ``event``, which ``ticket`` has already taken in."""
        return list(self._reactions(event, ticket, matter))

    def strangers(self, event: TicketEvent) -> list[Intent]:
        """A ticket that is no part of the day was offered to one of ours: they leave it to others."""
        if not isinstance(event, tickets.TicketAssigned) or event.agent_id not in self.agents:
            return []
        decline = _agent_act(event, event.agent_id, ActionKind.DECLINE, reason=texts().declines[0], part=event.attempt)
        return [Intent(_READ_SECONDS, lambda _: True, decline)]

    def _reactions(self, event: TicketEvent, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        match event:
            case tickets.TicketOpened():
                for minutes, letter in matter.further:
                    yield Intent(minutes * self.minute, lambda _: True, letter=letter)
            case tickets.TicketAssigned():
                yield from self._offered(event, matter)
            case tickets.TicketAccepted():
                yield from self._accepted(event, ticket, matter)
                yield from self._mischief(event, ticket, matter)
            case tickets.TicketAnswered():
                yield from self._answered(event, ticket, matter)
            case tickets.TicketWaiting():
                yield from self._waiting(event, ticket, matter)
            case tickets.TicketResumed():
                yield from self._resumed(event, ticket, matter)
            case tickets.TicketEscalated():
                yield from self._escalated(event, matter)
            case tickets.TicketAcknowledged():
                yield from self._acknowledged(event, ticket, matter)
            case tickets.TicketResolved():
                yield from self._resolved(event, ticket, matter)

    def _offered(self, event: tickets.TicketAssigned, matter: Matter) -> Iterator[Intent]:
        agent, plan = event.agent_id, matter.treatment
        if agent not in self.agents:
            return
        offered = _state("assigned", agent)
        if event.attempt <= plan.declines:
            reason = texts().declines[matter.no % len(texts().declines)]
            decline = _agent_act(event, agent, ActionKind.DECLINE, reason=reason, part=event.attempt)
            yield Intent(_READ_SECONDS, offered, decline)
        elif event.attempt > plan.declines + plan.passes:
            accept = _agent_act(event, agent, ActionKind.ACCEPT, part=event.attempt)
            yield Intent(plan.accept_seconds, offered, accept)

    def _accepted(self, event: tickets.TicketAccepted, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        plan, agent = matter.treatment, event.agent_id
        if agent not in self.agents:
            return
        lead = _state("accepted", agent)
        part = len(ticket.story)
        if ticket.escalation_level:
            if not _cares(_last_escalation(ticket), matter):
                return
            acknowledge = _agent_act(event, agent, ActionKind.ACKNOWLEDGE, part=part)
            yield Intent(_READ_SECONDS, lambda now: lead(now) and now.acknowledged_by is None, acknowledge)
            yield self._take_over(event, agent, part, matter)
            return
        if _solutions(ticket):
            text, seconds = texts().courtesy[matter.no % len(texts().courtesy)], _COURTESY_MINUTES * self.minute
        elif plan.late_minutes is not None:
            clock = ticket.clocks.get(Clock.FIRST_ANSWER)
            left = (clock.due - event.at).total_seconds() if clock else 0.0
            text, seconds = matter.answer, left + plan.late_minutes * self.minute
        else:
            text, seconds = matter.answer, plan.answer_minutes * self.minute
        answer = _agent_act(event, agent, ActionKind.ANSWER, text=text, part=part)
        times = _REPEATS if plan.mischief is Mischief.REPEAT and not _solutions(ticket) else 1
        yield Intent(seconds, lead, answer, times=times)

    def _acknowledged(self, event: tickets.TicketAcknowledged, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        agent = ticket.agent_id
        if ticket.state == "accepted" and agent in self.agents and agent is not None:
            yield self._take_over(event, agent, len(ticket.story), matter)

    def _take_over(self, event: TicketEvent, agent: str, part: object, matter: Matter) -> Intent:
        words = texts().takeovers[self.agents[agent].team]
        text = words[matter.no % len(words)]
        answer = _agent_act(event, agent, ActionKind.ANSWER, text=text, part=part)
        lead = _state("accepted", agent)
        minutes = _TAKEOVER_MINUTES * self.minute
        return Intent(minutes, lambda now: lead(now) and not _answered_since_escalation(now, agent), answer)

    def _answered(self, event: tickets.TicketAnswered, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        plan, agent = matter.treatment, event.by.id
        if agent not in self.agents or (matter.ask and event.text == matter.ask):
            return
        lead, part = _state("accepted", agent), len(ticket.story)
        asks = plan.wait_on is not None and not _has(ticket, tickets.TicketWaiting) and not ticket.escalation_level
        if asks and plan.wait_on is not None:
            if plan.wait_on is WaitingOn.MEMBER and matter.ask:
                ask = _agent_act(event, agent, ActionKind.ANSWER, text=matter.ask, part=f"{part}a")
                yield Intent(_READ_SECONDS, lead, ask)
            wait = _agent_act(event, agent, ActionKind.WAIT, on=plan.wait_on, part=f"{part}b")
            yield Intent(2 * _READ_SECONDS, lead, wait)
            return
        resolve = _agent_act(event, agent, ActionKind.RESOLVE, text=matter.solution, reason=matter.kind, part=part)
        minutes = _COURTESY_MINUTES if _solutions(ticket) else plan.solve_minutes
        yield Intent(minutes * self.minute, lead, resolve)

    def _waiting(self, event: tickets.TicketWaiting, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        seconds = matter.treatment.wait_minutes * self.minute
        waits: Still = lambda now: now.state == "waiting"  # noqa: E731 - it reads like the others
        if event.on == WaitingOn.MEMBER:
            if matter.reply:
                yield Intent(seconds, waits, letter=matter.reply)
        elif ticket.agent_id is not None and ticket.agent_id in self.agents:
            resume = _agent_act(event, ticket.agent_id, ActionKind.RESUME, part=len(ticket.story))
            yield Intent(seconds, waits, resume)

    def _resumed(self, event: tickets.TicketResumed, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        agent = ticket.agent_id
        if agent in self.agents and agent is not None:
            said = texts().updates.get(event.on, texts().courtesy[0])
            answer = _agent_act(event, agent, ActionKind.ANSWER, text=said, part=len(ticket.story))
            yield Intent(_COURTESY_MINUTES * self.minute, _state("accepted", agent), answer)

    def _escalated(self, event: tickets.TicketEscalated, matter: Matter) -> Iterator[Intent]:
        team = [
            agent_id for agent_id, one in self.agents.items() if one.team == event.team and one.presence == "online"
        ]
        if team and _cares(event, matter):
            somebody = team[matter.no % len(team)]
            acknowledge = _agent_act(event, somebody, ActionKind.ACKNOWLEDGE, part=f"{event.level}{event.cause}")
            yield Intent(
                _ACKNOWLEDGE_MINUTES * self.minute,
                lambda now: now.is_open and now.acknowledged_by is None and now.escalation_team == event.team,
                acknowledge,
            )

    def _resolved(self, event: tickets.TicketResolved, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        plan = matter.treatment
        if _solutions(ticket) > 1:
            return
        seconds = plan.after_minutes * self.minute
        solved: Still = lambda now: now.state == "resolved"  # noqa: E731
        match plan.after:
            case After.THANKS if matter.thanks:
                yield Intent(seconds, solved, letter=matter.thanks)
            case After.APPEAL if ticket.member_id:
                reason = texts().appeals[matter.no % len(texts().appeals)]
                yield Intent(seconds, solved, _member_act(event, ActionKind.APPEAL, reason))
            case After.REOPEN if ticket.member_id:
                reason = texts().reopen_reasons[matter.no % len(texts().reopen_reasons)]
                yield Intent(seconds, solved, _member_act(event, ActionKind.REOPEN, reason))
            case After.CLOSE if event.by.id in self.agents:
                yield Intent(seconds, solved, _agent_act(event, event.by.id, ActionKind.CLOSE, part="close"))

    def _mischief(self, event: tickets.TicketAccepted, ticket: TicketView, matter: Matter) -> Iterator[Intent]:
        if _has(ticket, tickets.TicketAnswered):
            return
        colleague = next(agent_id for agent_id in self.agents if agent_id != event.agent_id)
        match matter.treatment.mischief:
            case Mischief.WRONG_AGENT:
                answer = _agent_act(event, colleague, ActionKind.ANSWER, text=matter.answer, part="wrong")
                yield Intent(_READ_SECONDS, lambda _: True, answer, wrong=True)
            case Mischief.UNKNOWN_KIND:
                act = _agent_act(event, event.agent_id, _MADE_UP_KIND, part="unknown")
                yield Intent(_READ_SECONDS, lambda _: True, act, wrong=True)


def _cares(event: tickets.TicketEscalated | None, matter: Matter) -> bool:
    """Whether the team it was escalated to does something about it."""
    return event is None or event.cause != EscalationCause.BREACH or event.level > matter.treatment.climbs


def _last_escalation(ticket: TicketView) -> tickets.TicketEscalated | None:
    told = (entry.event for entry in reversed(ticket.story))
    return next((event for event in told if isinstance(event, tickets.TicketEscalated)), None)


def _solutions(ticket: TicketView) -> int:
    return sum(isinstance(entry.event, tickets.TicketResolved) for entry in ticket.story)


def _has(ticket: TicketView, kind: type[TicketEvent]) -> bool:
    return any(isinstance(entry.event, kind) for entry in ticket.story)


def _answered_since_escalation(ticket: TicketView, agent_id: str) -> bool:
    for entry in reversed(ticket.story):
        if isinstance(entry.event, tickets.TicketAnswered) and entry.event.by.id == agent_id:
            return True
        if isinstance(entry.event, tickets.TicketEscalated):
            return False
    return False


def _state(state: str, agent_id: str) -> Still:
    return lambda ticket: ticket.state == state and ticket.agent_id == agent_id


def _agent_act(
    event: TicketEvent,
    agent_id: str,
    kind: str,
    *,
    part: object,
    text: str | None = None,
    reason: str | None = None,
    on: str | None = None,
) -> ActionRequested:
    return ActionRequested(
        action_id=f"{event.ticket_id}/{agent_id}/{kind}/{part}",
        ticket_id=event.ticket_id,
        actor=Actor(kind=ActorKind.AGENT, id=agent_id),
        kind=kind,
        text=text,
        reason=reason,
        on=on,
    )


def _member_act(event: TicketEvent, kind: str, reason: str) -> ActionRequested:
    return ActionRequested(
        action_id=f"{event.ticket_id}/member/{kind}",
        ticket_id=event.ticket_id,
        actor=Actor(kind=ActorKind.MEMBER, id=event.member_id or ""),
        kind=kind,
        reason=reason,
    )
