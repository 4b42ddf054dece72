"""The day as it goes on: a few lines that change on a terminal, a line every few seconds anywhere else."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from cli.dead_letters.rendering import masked
from cli.output import visible
from cli.simulation.played import Played
from cli.simulation.times import Times
from cli.tickets.telling import told
from shared.contracts.tickets import TicketEvent

_REDRAWN_EVERY: Final = 0.25
_SAID_EVERY: Final = 5.0
_COUNTED: Final = ("queued", "assigned", "accepted", "waiting", "resolved", "closed")


@contextlib.asynccontextmanager
async def shown(console: Console, played: Played, clock: Times, matters: int) -> AsyncIterator[None]:
    """Shows ``played`` as it grows, as long as the context is open."""
    way = _live if console.is_terminal else _lines
    task = asyncio.create_task(way(console, played, clock, matters))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _live(console: Console, played: Played, clock: Times, matters: int) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            bar = ProgressBar(total=matters, completed=len(played.tickets), width=min(60, console.width))
            latest = [
                Text(_event(seen.at, seen.decoded.event, clock, console.width), no_wrap=True, overflow="ellipsis")
                for seen in played.latest
            ]
            live.update(Group(Text(summary(played, clock)), bar, *latest), refresh=True)
            await asyncio.sleep(_REDRAWN_EVERY)


async def _lines(console: Console, played: Played, clock: Times, matters: int) -> None:
    while True:
        await asyncio.sleep(_SAID_EVERY)
        console.print(f"  {summary(played, clock)}", highlight=False, soft_wrap=True)


def summary(played: Played, clock: Times) -> str:
    """One line: the time of the day, what came in, and where the tickets are."""
    tickets = list(played.tickets.values())
    states = Counter(ticket.state for ticket in tickets)
    where = ", ".join(f"{states[state]} {state}" for state in _COUNTED if states[state])
    broken = sum(clock.standing == "broken" for ticket in tickets for clock in ticket.clocks.values())
    climbed = sum(ticket.escalation_level > 0 for ticket in tickets)
    return (
        f"{clock.shown(time.time())}  {len(played.sent)} contacts, {len(tickets)} tickets: {where or 'none yet'}; "
        f"{broken} promises broken, {climbed} escalated"
    )


def _event(at: float, event: object, clock: Times, width: int) -> str:
    assert isinstance(event, TicketEvent)
    verb = type(event).__name__.removeprefix("Ticket").lower()
    return visible(masked(f"  {clock.shown(at)}  {event.ticket_no}  {verb:<12} {told(event, longest=width)}"))
