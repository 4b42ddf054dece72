"""Tickets for people: a list, one ticket's story, and what happens as it happens."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.text import Text

from cli.moments import day, local_time, time_of_day
from cli.output import print_hanging, print_lines, shown, terminal_width, visible
from cli.table import Column, write_table
from cli.tickets.telling import told
from cli.tickets.view import ClockView, Entry, TicketView
from shared.masking import redacted

_STANDINGS: Final = {"broken": "red", "warned": "yellow", "running": "", "met": "green"}
"""The worst first."""

_LIST: Final = (
    Column("NUMBER"),
    Column("OPENED", rank=3),
    Column("STATE"),
    Column("PROMISES", rank=1),
    Column("AGENT", rank=2),
    Column("TYPE", rank=4),
    Column("TIER", rank=5),
    Column("MEMBER", rank=6),
    Column("ESCALATED", rank=7),
    Column("SUMMARY", is_text=True, one_line=True),
)


def print_list(tickets: Sequence[TicketView]) -> None:
    """A row for each ticket; of its promises the worst standing."""
    write_table(
        _LIST,
        [
            (
                ticket.ticket_no,
                ticket.opened_at,
                _state(ticket),
                _worst(ticket),
                ticket.agent_id,
                ticket.problem_type,
                ticket.tier,
                ticket.member_id,
                _escalation(ticket),
                redacted(ticket.summary),
            )
            for ticket in tickets
        ],
    )


def print_ticket(ticket: TicketView) -> None:
    """Facts, promises, and the story in order with the time since it was opened."""
    print_lines(f"{ticket.ticket_no}  {_state(ticket)}", style="bold")
    for label, value in (
        ("id", ticket.ticket_id),
        ("member", f"{shown(ticket.member_id)} ({ticket.tier})"),
        ("type", f"{shown(ticket.problem_type)}, {shown(ticket.urgency)}, by {shown(ticket.channel)}"),
        ("order", ticket.order_no),
        ("summary", redacted(ticket.summary)),
        ("agent", f"{shown(ticket.agent_id)} (queue {shown(ticket.queue)}, lane {shown(ticket.lane)})"),
        ("escalated", _escalation(ticket)),
    ):
        print_hanging(f"  {label:<11}", shown(value))
    print_lines("", Text("Promises", "bold"))
    for clock in ticket.clocks.values():
        print_hanging(f"  {clock.name:<14}", f"{clock.standing}, due {local_time(clock.due)}{_met(clock)}")
    if not ticket.clocks:
        print_lines("  none yet")
    print_lines("", Text("Story", "bold"))
    begin = ticket.story[0].event.at
    heading = ""
    for entry in ticket.story:
        if (today := day(entry.event.at)) != heading:
            heading = today
            print_lines(Text(f"  {today}", "dim"))
        head = f"  {time_of_day(entry.event.at)}  {_since(begin, entry.event.at):>8}  {entry.verb:<13}"
        print_hanging(head, in_words(entry))


class WatchScreen:
    """Events as they happen. On a terminal a day has its heading; for programs every line has the whole time."""

    def __init__(self) -> None:
        self._heading = ""

    def print(self, entry: Entry) -> None:
        """One more event."""
        at, head = entry.event.at, f"{entry.event.ticket_no}  {entry.verb:<13}"
        if terminal_width() is None:
            print_lines(f"{local_time(at)}  {head}{in_words(entry)}")
            return
        if (today := day(at)) != self._heading:
            self._heading = today
            print_lines(Text(today, "dim"))
        print_hanging(f"{time_of_day(at)}  {head}", in_words(entry))


def in_words(entry: Entry) -> str:
    """The event in one line that is fit to be shown."""
    return visible(redacted(told(entry.event)))


def _state(ticket: TicketView) -> str:
    if ticket.state == "waiting":
        return f"waiting on {ticket.waiting_on}"
    return f"merged into {ticket.merged_into}" if ticket.state == "merged" else ticket.state


def _worst(ticket: TicketView) -> Text:
    found = {clock.standing for clock in ticket.clocks.values()}
    worst = next((standing for standing in _STANDINGS if standing in found), "-")
    return Text(worst, _STANDINGS.get(worst, ""))


def _escalation(ticket: TicketView) -> str:
    if not ticket.escalation_level:
        return ""
    taken = f", taken by {ticket.acknowledged_by}" if ticket.acknowledged_by else ""
    return f"level {ticket.escalation_level}, {ticket.escalation_team}{taken}"


def _met(clock: ClockView) -> str:
    return "" if clock.met_at is None else f", answered {local_time(clock.met_at)}"


def _since(begin: datetime, at: datetime) -> str:
    seconds = (at - begin) / timedelta(seconds=1)
    if seconds < 60:
        return f"+{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}h{minutes:02}m" if hours else f"+{minutes}m{rest:02}s"
