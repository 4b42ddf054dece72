"""What a change of a ticket's clocks leads to: events to publish, and the timers it needs from then on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import ClockStatus, TicketClocks
from shared.contracts.tickets import TicketEvent


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """The ticket that is decided about, `now` by the clock of the database, and the calendars by `name@version`."""

    ticket_id: UUID
    ticket_no: str
    member_id: str | None
    tier: str
    now: datetime
    calendars: Mapping[str, Calendar]

    def calendar(self, state: TicketClocks) -> Calendar:
        """The calendar the ticket was promised under, however the rule files were edited since."""
        return self.calendars[state.terms.calendar]

    @property
    def header(self) -> dict[str, Any]:
        """What every event of the ticket says beside what happened."""
        return {
            "ticket_id": str(self.ticket_id),
            "ticket_no": self.ticket_no,
            "member_id": self.member_id,
            "tier": self.tier,
            "at": self.now,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """The new state, and the events in the order to publish. The timers follow from the state, see ``timers``."""

    state: TicketClocks
    events: tuple[TicketEvent, ...] = ()


def timers(state: TicketClocks) -> dict[str, datetime]:
    """Every timer the ticket needs, by kind: `warn:<clock>`, `breach:<clock>`, `climb`.

    All of them lead to `clocks.on_time`; a timer too many or too early does nothing there.
    """
    wanted = {}
    for clock in state.clocks:
        if clock.status is ClockStatus.RUNNING and not clock.breached:
            wanted[f"breach:{clock.name}"] = clock.due
            if clock.warn_at is not None and not clock.warned:
                wanted[f"warn:{clock.name}"] = clock.warn_at
    if state.ladder.climb_at is not None:
        wanted["climb"] = state.ladder.climb_at
    return wanted
