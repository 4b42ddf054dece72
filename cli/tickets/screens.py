"""Tickets for people: a list, and one ticket's story."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cli.output import data_console, local_time, shown, visible, write_table
from cli.tickets.telling import told
from cli.tickets.view import ClockView, TicketView

_SUMMARY_CHARACTERS = 60


def print_list(tickets: Sequence[TicketView]) -> None:
    """A line for each ticket."""
    write_table(
        ("NUMBER", "OPENED", "MEMBER", "TIER", "TYPE", "STATE", "AGENT", "PROMISES", "ESCALATED", "SUMMARY"),
        [
            (
                ticket.ticket_no,
                ticket.opened_at,
                ticket.member_id,
                ticket.tier,
                ticket.problem_type,
                _state(ticket),
                ticket.agent_id,
                " ".join(f"{clock.name}:{clock.standing}" for clock in ticket.clocks.values()),
                _escalation(ticket),
                ticket.summary[:_SUMMARY_CHARACTERS],
            )
            for ticket in tickets
        ],
        wide="SUMMARY",
    )


def print_ticket(ticket: TicketView) -> None:
    """Facts, promises, and the story in order with the time since it was opened."""
    out = data_console()
    out.print(f"{ticket.ticket_no}  {_state(ticket)}", style="bold")
    for label, value in (
        ("id", ticket.ticket_id),
        ("member", f"{shown(ticket.member_id)} ({ticket.tier})"),
        ("type", f"{shown(ticket.problem_type)}, {shown(ticket.urgency)}, by {shown(ticket.channel)}"),
        ("order", ticket.order_no),
        ("summary", ticket.summary),
        ("agent", f"{shown(ticket.agent_id)} (queue {shown(ticket.queue)}, lane {shown(ticket.lane)})"),
        ("escalated", _escalation(ticket)),
    ):
        out.print(f"  {label:<10}{shown(value)}")
    out.print("\nPromises", style="bold")
    for clock in ticket.clocks.values():
        out.print(f"  {clock.name:<14}due {local_time(clock.due)}  {_standing(clock)}")
    if not ticket.clocks:
        out.print("  none yet")
    out.print("\nStory", style="bold")
    begin = ticket.story[0].event.at
    for entry in ticket.story:
        line = visible(told(entry.event))
        out.print(f"  {local_time(entry.event.at)}  {_since(begin, entry.event.at):>9}  {entry.verb:<13}{line}")


def _state(ticket: TicketView) -> str:
    if ticket.state == "waiting":
        return f"waiting on {ticket.waiting_on}"
    return f"merged into {ticket.merged_into}" if ticket.state == "merged" else ticket.state


def _escalation(ticket: TicketView) -> str:
    if not ticket.escalation_level:
        return ""
    taken = f", taken by {ticket.acknowledged_by}" if ticket.acknowledged_by else ""
    return f"level {ticket.escalation_level}, {ticket.escalation_team}{taken}"


def _standing(clock: ClockView) -> str:
    if clock.met_at is None:
        return clock.standing
    return f"{clock.standing}, answered {local_time(clock.met_at)}"


def _since(begin: datetime, at: datetime) -> str:
    seconds = (at - begin) / timedelta(seconds=1)
    if seconds < 60:
        return f"+{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}h{minutes:02}m" if hours else f"+{minutes}m{rest:02}s"
