"""What a decision is: the ticket as it stands after, and what is to be said about it. Or a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.routing.domain.ticket import Ticket
from shared.contracts.lifecycle import TicketState
from shared.contracts.tickets import RoutingEvent

ACCEPT: Final = "accept"
CLOSE: Final = "close"


@dataclass(frozen=True, slots=True)
class Decision:
    """The ticket after, and the events in the order of their telling. Load and timers follow from before and after."""

    ticket: Ticket
    events: tuple[RoutingEvent, ...] = ()

    def then(self, step: "Callable[[Ticket], Decision]") -> "Decision":
        """This, and then ``step`` on what came of it."""
        further = step(self.ticket)
        return Decision(further.ticket, self.events + further.events)

    def caused_by(self, action_id: str) -> "Decision":
        """This, with every event naming the action, so that whoever asked for it knows its effects."""
        events = tuple(event.model_copy(update={"action_id": action_id}) for event in self.events)
        return Decision(self.ticket, events)


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is changed. ``code`` for machines, ``message`` says what is wrong and what would be right."""

    code: str
    message: str


def timers_of(ticket: Ticket) -> dict[str, datetime]:
    """The timers a ticket has, kind to due time."""
    due = {
        ACCEPT: ticket.accept_due if ticket.state is TicketState.ASSIGNED else None,
        CLOSE: ticket.close_due if ticket.state is TicketState.RESOLVED else None,
    }
    return {kind: at for kind, at in due.items() if at is not None}
