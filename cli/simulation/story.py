"""One ticket's story for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cli.output import visible
from cli.simulation.ledger import Ledger
from cli.simulation.texts import Colleague
from cli.simulation.times import Times
from cli.tickets.telling import told
from cli.tickets.view import TicketView
from shared.contracts import tickets as said
from shared.contracts.tickets import TicketEvent
from shared.masking import redacted

_NOTICE: Final = "notice"


@dataclass(frozen=True, slots=True)
class Line:
    """When, what kind of thing, and what."""

    at: float
    verb: str
    text: str


def story(ticket: TicketView, ledger: Ledger, clock: Times, agents: Mapping[str, Colleague]) -> list[Line]:
    """All that happened to the ticket, and what its member was told, in order. Numbers that could be phones are
    starred out, whoever wrote them."""
    lines = [
        Line(entry.event.at.timestamp(), entry.verb, in_words(entry.event, clock, agents)) for entry in ticket.story
    ]
    for notice in ledger.notices.values():
        if notice.ticket_id == ticket.ticket_id:
            at, outcome, reason = notice.steps[-1]
            why = f", {reason}" if reason else ""
            lines.append(Line(at, _NOTICE, f"“{notice.template}” by {notice.channel}: {outcome}{why}"))
    return sorted(lines, key=lambda line: line.at)


def in_words(event: TicketEvent, clock: Times, agents: Mapping[str, Colleague]) -> str:
    """One event in one line, its times as ``clock`` tells them, numbers that could be phones starred out."""
    return visible(redacted(" ".join(_told(event, clock, agents).split())))


def named(agent_id: str, colleague: Colleague) -> str:
    """`A03-1 何静`: the id without what keeps those of one run apart from those of others."""
    return f"{agent_id[agent_id.find(colleague.id) :]} {colleague.name}"


def _told(event: TicketEvent, clock: Times, agents: Mapping[str, Colleague]) -> str:
    def who(agent_id: str) -> str:
        colleague = agents.get(agent_id)
        return f"{named(agent_id, colleague)} ({colleague.team})" if colleague else agent_id

    def due(at: datetime) -> str:
        return clock.shown(at.timestamp())

    match event:
        case said.TicketPromised():
            plan = f", a plan by {due(event.plan_due)}" if event.plan_due else ""
            following = f", the next one by {due(event.next_answer_due)}" if event.next_answer_due else ""
            return f"first answer by {due(event.first_answer_due)}{plan}{following} (policy {event.policy})"
        case said.TicketWarned() | said.TicketBreached():
            left = abs(event.due - event.at) / timedelta(seconds=1)
            when = f"in {clock.lasted(left)}" if isinstance(event, said.TicketWarned) else "passed"
            return f"{event.clock}, due {due(event.due)}, {when}"
        case said.TicketAssigned():
            rule, count = event.reason.rule, event.reason.candidates
            return f"to {who(event.agent_id)}; lane {event.lane}, rule {rule}, {count} could have taken it"
        case said.TicketAccepted():
            return f"by {who(event.agent_id)}"
        case said.TicketDeclined():
            return f"by {who(event.agent_id)}: {event.cause}"
        case said.TicketAnswered():
            return f"by {who(event.by.id)}: {event.text}"
        case said.TicketResolved():
            return f"by {who(event.by.id)}: {event.text}"
        case said.TicketAcknowledged():
            return f"by {who(event.actor_id)}"
        case said.TicketAppealed():
            return f"by the member: {event.reason}"
        case _:
            return told(event)
