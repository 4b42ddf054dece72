"""The day as it goes on: a line every few seconds, and on a terminal below them a few that change."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.simulation.played import Played
from cli.simulation.story import in_words
from cli.simulation.texts import Colleague
from cli.simulation.times import Times
from shared.contracts.tickets import TicketEvent

_REDRAWN_EVERY: Final = 0.25
_SAID_EVERY: Final = 5.0
_WIDEST_BAR: Final = 100
_TAKEN: Final = ("accepted", "waiting")
"""States in which an agent has the ticket; one that is only offered still waits."""

_COUNTS: Final = ("CONTACTS", "TICKETS", "WAITING", "TAKEN", "SOLVED", "LATE", "ESCALATED")
HEADINGS: Final = f"{'TIME':<8}  {'  '.join(_COUNTS)}"


@dataclass(frozen=True, slots=True)
class DayScreen:
    """``played`` as it grows towards ``matters`` tickets."""

    played: Played
    clock: Times
    agents: Mapping[str, Colleague]
    matters: int

    @contextlib.asynccontextmanager
    async def shown_on(self, console: Console) -> AsyncIterator[None]:
        """Shown as long as the context is open."""
        task = asyncio.create_task(self._live(console) if console.is_terminal else self._lines(console))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def screen(self, width: int) -> RenderableType:
        """What a terminal shows now: the summary, how far it is, and what happened last."""
        rows = Table.grid()
        rows.add_row(Text(self.course(), no_wrap=True, overflow="ellipsis"))
        rows.add_row(ProgressBar(total=self.matters, completed=len(self.played.tickets), width=min(_WIDEST_BAR, width)))
        for seen in self.played.latest:
            event = seen.decoded.event
            assert isinstance(event, TicketEvent)
            verb = type(event).__name__.removeprefix("Ticket").lower()
            line = f"{self.clock.shown(seen.at)}  {event.ticket_no}  {verb:<12}  "
            line += in_words(event, self.clock, self.agents)
            rows.add_row(Text(line, "dim", no_wrap=True, overflow="ellipsis"))
        return rows

    def course(self) -> str:
        """One row below ``HEADINGS``: the time, what came in, and where the tickets are."""
        tickets = list(self.played.tickets.values())
        solved = sum(not ticket.is_open for ticket in tickets)
        taken = sum(ticket.state in _TAKEN for ticket in tickets)
        late = sum(clock.standing == "broken" for ticket in tickets for clock in ticket.clocks.values())
        climbed = sum(ticket.escalation_level > 0 for ticket in tickets)
        counts = (len(self.played.sent), len(tickets), len(tickets) - solved - taken, taken, solved, late, climbed)
        cells = (f"{count:>{len(name)}}" for name, count in zip(_COUNTS, counts, strict=True))
        return f"{self.clock.shown(time.time()):<8}  {'  '.join(cells)}"

    async def _live(self, console: Console) -> None:
        console.print(Text(HEADINGS, "bold"))
        said = time.monotonic()
        with Live(console=console, auto_refresh=False, transient=True) as live:
            while True:
                if time.monotonic() - said >= _SAID_EVERY:
                    said = time.monotonic()
                    # Above what changes, so that the course of the day stays on the screen.
                    console.print(Text(self.course(), no_wrap=True, overflow="ellipsis"))
                live.update(self.screen(console.width), refresh=True)
                await asyncio.sleep(_REDRAWN_EVERY)

    async def _lines(self, console: Console) -> None:
        console.print(HEADINGS, highlight=False, soft_wrap=True)
        while True:
            await asyncio.sleep(_SAID_EVERY)
            console.print(self.course(), highlight=False, soft_wrap=True)
