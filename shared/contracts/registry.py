"""Which event type is which model, on which topic, written by whom."""

from dataclasses import dataclass
from typing import Final

from shared.contracts import actions, contacts, notices, reference, tickets, topics
from shared.contracts.model import Fact
from shared.contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event. ``writer``: the only service that writes it; ``platform`` and ``outside`` are not ours."""

    name: str
    model: type[Fact]
    topic: Topic
    writer: str


def _tickets() -> tuple[EventType, ...]:
    written = {
        "intake": ("Opened", "Amended", "Merged"),
        "routing": (
            *("Queued", "Assigned", "Accepted", "Declined", "Answered", "Waiting", "Resumed"),
            *("Resolved", "Reopened", "Closed", "Appealed", "Acknowledged", "Corrected", "Noted"),
        ),
        "sla": ("Promised", "Warned", "Breached", "Escalated"),
    }
    return tuple(
        EventType(f"support.ticket.{verb.lower()}.v1", getattr(tickets, f"Ticket{verb}"), topics.TICKET, writer)
        for writer, verbs in written.items()
        for verb in verbs
    )


def _notices() -> tuple[EventType, ...]:
    models = {
        "planned": notices.NoticePlanned,
        "accepted": notices.NoticeAccepted,
        "delivered": notices.NoticeDelivered,
        "undelivered": notices.NoticeUndelivered,
        "in_doubt": notices.NoticeInDoubt,
        "rejected": notices.NoticeRejected,
        "suppressed": notices.NoticeSuppressed,
        "expired": notices.NoticeExpired,
        "blocked": notices.NoticeBlocked,
    }
    return tuple(
        EventType(f"support.notice.{verb}.v1", model, topics.NOTICE, "notify") for verb, model in models.items()
    )


EVENT_TYPES: Final = (
    EventType("support.contact.received.v1", contacts.ContactReceived, topics.CONTACT, "outside"),
    *_tickets(),
    EventType("support.action.requested.v1", actions.ActionRequested, topics.ACTION, "outside"),
    *_notices(),
    EventType("support.member.changed.v1", reference.MemberChanged, topics.MEMBER, "platform"),
    EventType("support.order.changed.v1", reference.OrderChanged, topics.ORDER, "platform"),
    EventType("support.agent.changed.v1", reference.AgentChanged, topics.AGENT, "platform"),
)

BY_NAME: Final = {event_type.name: event_type for event_type in EVENT_TYPES}
BY_MODEL: Final = {event_type.model: event_type for event_type in EVENT_TYPES}
DEFAULTS: Final = {
    topic.name: next(event_type for event_type in EVENT_TYPES if event_type.topic is topic)
    for topic in (topics.MEMBER, topics.ORDER, topics.AGENT)
}
"""On the reference topics the type may be left out: the topic says it."""
