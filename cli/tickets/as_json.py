"""Tickets for programs: these names stay, times are RFC 3339, personal data is masked."""

from typing import Any, Final, TypedDict

from cli.moments import iso
from cli.tickets.view import Entry, TicketView
from shared.masking import redacted


class ClockJson(TypedDict):
    """One promise of a ticket; ``standing`` is running, warned, met or broken."""

    clock: str
    due: str | None
    met_at: str | None
    warned_at: str | None
    breached_at: str | None
    standing: str


class TicketSummaryJson(TypedDict):
    """What `kefu ticket list --json` says of a ticket."""

    ticket_id: str
    ticket_no: str
    member_id: str | None
    tier: str
    channel: str | None
    problem_type: str | None
    urgency: str | None
    order_no: str | None
    summary: str
    opened_at: str | None
    state: str
    open: bool
    waiting_on: str | None
    merged_into: str | None
    queue: str | None
    lane: str | None
    agent_id: str | None
    clocks: list[ClockJson]
    escalation_level: int
    escalation_team: str | None
    acknowledged_by: str | None


class TicketJson(TicketSummaryJson):
    """What `kefu ticket show --json` says: the same and the whole story, each event as ``entry_json`` gives it."""

    story: list[dict[str, Any]]


_NUMBERS: Final = frozenset({"ticket_no", "order_no"})
"""Read out by people and looked up by them, so never masked, whatever they look like."""

ENTRY_KEYS: Final = ("verb", "event_id", "source", "offset")
"""What stands before the fields that an event has on its topic, in `watch`, `explain` and the story of `show`."""


def summary_json(ticket: TicketView) -> TicketSummaryJson:
    """A ticket as it is now."""
    return {
        "ticket_id": ticket.ticket_id,
        "ticket_no": ticket.ticket_no,
        "member_id": ticket.member_id,
        "tier": ticket.tier,
        "channel": ticket.channel,
        "problem_type": ticket.problem_type,
        "urgency": ticket.urgency,
        "order_no": ticket.order_no,
        "summary": redacted(ticket.summary),
        "opened_at": iso(ticket.opened_at),
        "state": ticket.state,
        "open": ticket.is_open,
        "waiting_on": ticket.waiting_on,
        "merged_into": ticket.merged_into,
        "queue": ticket.queue,
        "lane": ticket.lane,
        "agent_id": ticket.agent_id,
        "clocks": [
            {
                "clock": clock.name,
                "due": iso(clock.due),
                "met_at": iso(clock.met_at),
                "warned_at": iso(clock.warned_at),
                "breached_at": iso(clock.breached_at),
                "standing": clock.standing,
            }
            for clock in ticket.clocks.values()
        ],
        "escalation_level": ticket.escalation_level,
        "escalation_team": ticket.escalation_team,
        "acknowledged_by": ticket.acknowledged_by,
    }


def ticket_json(ticket: TicketView) -> TicketJson:
    """The same and the whole story."""
    return {**summary_json(ticket), "story": [entry_json(entry) for entry in ticket.story]}


def entry_json(entry: Entry) -> dict[str, Any]:
    """One event: what ``ENTRY_KEYS`` names, and its fields as they are on the topic. ``event_id`` is its `ce_id`."""
    fields = _masked(entry.event.model_dump(mode="json"))
    return {"verb": entry.verb, "event_id": entry.event_id, "source": entry.source, "offset": entry.offset, **fields}


def _masked(value: Any) -> Any:
    match value:
        case str():
            return redacted(value)
        case dict():
            return {name: one if name in _NUMBERS else _masked(one) for name, one in value.items()}
        case list():
            return [_masked(one) for one in value]
    return value
