"""The day as it goes on: a few lines that change on a terminal, a line every few seconds anywhere else."""

import asyncio
import contextlib
import time
from collections import Counter
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
_COUNTED: Final = ("queued", "assigned", "accepted", "waiting", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class Progress:
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
        rows.add_row(Text(self.summary()))
        rows.add_row(ProgressBar(total=self.matters, completed=len(self.played.tickets), width=min(_WIDEST_BAR, width)))
        for seen in self.played.latest:
            event = seen.decoded.event
            assert isinstance(event, TicketEvent)
            verb = type(event).__name__.removeprefix("Ticket").lower()
            line = f"{self.clock.shown(seen.at)}  {event.ticket_no}  {verb:<12}  "
            line += in_words(event, self.clock, self.agents)
            rows.add_row(Text(line, "dim", no_wrap=True, overflow="ellipsis"))
        return rows

    def summary(self) -> str:
        """One line: the time, what came in, and where the tickets are."""
        tickets = list(self.played.tickets.values())
        states = Counter(ticket.state for ticket in tickets)
        where = ", ".join(f"{states[state]} {state}" for state in _COUNTED if states[state])
        broken = sum(clock.standing == "broken" for ticket in tickets for clock in ticket.clocks.values())
        climbed = sum(ticket.escalation_level > 0 for ticket in tickets)
        return (
            f"{self.clock.shown(time.time())}  {len(self.played.sent)} contacts, {len(tickets)} tickets: "
            f"{where or 'none yet'}; {broken} promises broken, {climbed} escalated"
        )

    async def _live(self, console: Console) -> None:
        with Live(console=console, auto_refresh=False, transient=True) as live:
            while True:
                live.update(self.screen(console.width), refresh=True)
                await asyncio.sleep(_REDRAWN_EVERY)

    async def _lines(self, console: Console) -> None:
        while True:
            await asyncio.sleep(_SAID_EVERY)
            console.print(f"  {self.summary()}", highlight=False, soft_wrap=True)
