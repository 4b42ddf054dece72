"""Tickets for programs: stable names, times as RFC 3339."""

from typing import Any

from cli.output import iso
from cli.tickets.view import Entry, TicketView

Json = dict[str, Any]


def summary_json(ticket: TicketView) -> Json:
    """What `kefu ticket list --json` says of one ticket."""
    return {
        "ticket_id": ticket.ticket_id,
        "ticket_no": ticket.ticket_no,
        "member_id": ticket.member_id,
        "tier": ticket.tier,
        "channel": ticket.channel,
        "problem_type": ticket.problem_type,
        "urgency": ticket.urgency,
        "order_no": ticket.order_no,
        "summary": ticket.summary,
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
                "breached_at": iso(clock.breached_at),
                "standing": clock.standing,
            }
            for clock in ticket.clocks.values()
        ],
        "escalation_level": ticket.escalation_level,
        "escalation_team": ticket.escalation_team,
        "acknowledged_by": ticket.acknowledged_by,
    }


def ticket_json(ticket: TicketView) -> Json:
    """The same and the whole story, as `kefu ticket show --json` says it."""
    return {**summary_json(ticket), "story": [entry_json(entry) for entry in ticket.story]}


def entry_json(entry: Entry) -> Json:
    """One event: its verb, its time, and its fields as they are on the topic."""
    return {"verb": entry.verb, "offset": entry.offset, **entry.event.model_dump(mode="json")}
