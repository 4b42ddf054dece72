"""One event of a ticket in one English line; what members and agents wrote stays as they wrote it."""

from cli.moments import local_time
from shared.contracts import tickets
from shared.contracts.tickets import TicketEvent
from shared.contracts.vocabulary import Remark


def told(event: TicketEvent) -> str:
    """The line for ``event``, however long."""
    return " ".join(_told(event).split())


def _told(event: TicketEvent) -> str:
    match event:
        case tickets.TicketOpened() | tickets.TicketAmended() | tickets.TicketMerged():
            return _by_intake(event)
        case tickets.TicketPromised() | tickets.TicketWarned() | tickets.TicketBreached() | tickets.TicketEscalated():
            return _by_sla(event)
        case _:
            return _by_routing(event)


def _by_intake(event: TicketEvent) -> str:
    match event:
        case tickets.TicketOpened():
            lacking = f", missing {', '.join(event.missing)}" if event.missing else ""
            return (
                f"by {event.channel} as {event.problem_type} ({event.complexity}, {event.urgency}, "
                f"identity {event.identity}{lacking}): {event.summary}"
            )
        case tickets.TicketAmended():
            remark = "" if event.remark == Remark.MATTER else f" ({event.remark})"
            about = f" as {event.problem_type}" if event.problem_type else ""
            return f"by {event.channel or 'a further contact'}{remark}{about}: {event.summary}"
        case tickets.TicketMerged():
            return f"into {event.into}"
    return ""


def _by_routing(event: TicketEvent) -> str:
    match event:
        case tickets.TicketQueued():
            return f"in {event.queue}: {event.reason}"
        case tickets.TicketAssigned():
            return f"to {event.agent_id}, {why(event)}"
        case tickets.TicketAccepted():
            return f"by {event.agent_id}"
        case tickets.TicketDeclined():
            return f"by {event.agent_id}: {event.cause}"
        case tickets.TicketAnswered():
            return f"by {event.by.kind} {event.by.id}: {event.text}"
        case tickets.TicketResolved():
            return f"by {event.by.kind} {event.by.id}, {event.how}: {event.text}"
        case tickets.TicketWaiting() | tickets.TicketResumed():
            return f"on {event.on}"
        case tickets.TicketReopened():
            return event.cause
        case tickets.TicketAppealed():
            return f"by {event.actor_kind} {event.actor_id}: {event.reason}"
        case tickets.TicketAcknowledged():
            return f"by {event.actor_kind} {event.actor_id}" + (f" for {event.team}" if event.team else "")
        case tickets.TicketNoted():
            return f"by {event.by.kind} {event.by.id}, internal: {event.text}"
        case tickets.TicketCorrected():
            return f"from {event.was} to {event.problem_type} by {event.actor_id}"
        case _:
            return _plainly(event)


def _plainly(event: TicketEvent) -> str:
    """An event nobody has found better words for yet: what it says, field by field."""
    said = event.model_dump(mode="json", exclude=set(tickets.RoutingEvent.model_fields), exclude_defaults=True)
    return ", ".join(f"{name} {value}" for name, value in said.items())


def _by_sla(event: TicketEvent) -> str:
    match event:
        case tickets.TicketPromised():
            plan = f", plan by {local_time(event.plan_due)}" if event.plan_due else ""
            return f"first answer by {local_time(event.first_answer_due)}{plan} ({event.policy}, {event.calendar})"
        case tickets.TicketWarned() | tickets.TicketBreached():
            return f"{event.clock} due {local_time(event.due)}"
        case tickets.TicketEscalated():
            return f"to level {event.level}, {event.team}, cause {event.cause}" + (
                f" of {event.clock}" if event.clock else ""
            )
    return ""


def why(event: tickets.TicketAssigned) -> str:
    """Why this agent, in one clause."""
    slack = event.reason.slack_seconds
    left = "" if slack is None else f", {slack:.0f} s before the promise breaks"
    return (
        f"lane {event.lane}, attempt {event.attempt}: {event.reason.rule}, "
        f"{event.reason.candidates} could have taken it{left}"
    )
