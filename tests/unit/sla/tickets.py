"""A ticket of the tests: opened on a Monday at eight, promised two hours and a day."""

from datetime import datetime

from services.sla.domain.clock_state import TicketClocks
from services.sla.domain.decisions import Decision, timers
from services.sla.domain.promises import Terms
from tests.unit.sla import moves
from tests.unit.sla.samples import OPENED, POLICY_INPUT, TERMS, after


def opened(terms: Terms = TERMS) -> TicketClocks:
    return moves.on_opened(POLICY_INPUT, terms, OPENED).state


def on_time(state: TicketClocks, hours: float) -> Decision:
    return moves.on_time(state, after(hours))


def moved(before: TicketClocks, decision: Decision) -> dict[str, datetime | None]:
    """What a decision does to the timers: kind -> its new time, None for one that is over."""
    old, new = timers(before), timers(decision.state)
    return {kind: new.get(kind) for kind in sorted(old.keys() | new.keys()) if old.get(kind) != new.get(kind)}
