"""The escalation ladder of a ticket: who is called when a promise breaks or the member appeals, and who next.

A ticket has one ladder, however many of its clocks break and however often its member clicks. It is climbed one rung
at a time and never downward: each team is called at most once in the life of a ticket. A rung that was called has its
time before the next one is, unless somebody of it took charge and the ticket still went wrong.
"""

from collections.abc import Iterable
from dataclasses import replace

from services.sla.domain.clock_state import Ladder, Reason, TicketClocks
from services.sla.domain.decisions import DecisionContext
from shared.contracts.tickets import TicketEscalated

Climb = tuple[Ladder, list[TicketEscalated]]


def call(context: DecisionContext, state: TicketClocks, ladder: Ladder, reason: Reason) -> Climb:
    """There is a reason to climb.

    While a rung that was called has its time, the reason joins the others and nobody further is called: two clocks
    that break at once, or a double click, are one call.
    """
    others = tuple(other for other in ladder.reasons if other.clock != reason.clock)
    if ladder.under_way:
        return replace(ladder, reasons=(*others, reason)), []
    return _next_rung(context, state, replace(ladder, reasons=(reason, *others)))


def climb(context: DecisionContext, state: TicketClocks) -> Climb:
    """The rung that was called let its time pass: the next one is called, one at a time after an outage, too."""
    ladder = state.ladder
    if ladder.climb_at is None or ladder.climb_at > context.now:
        return ladder, []
    return _next_rung(context, state, ladder)


def acknowledge(ladder: Ladder) -> Ladder:
    """Somebody took charge: it climbs no further by itself."""
    return replace(ladder, acknowledged=True, climb_at=None) if ladder.active else ladder


def settle(ladder: Ladder, clocks: Iterable[str | None]) -> Ladder:
    """What these clocks (None: the member or a person) wanted is done. With no reason left the ladder rests."""
    settled = set(clocks)
    # the level stays though nobody is called any more: who was called once for a ticket is not called again for it
    left = tuple(reason for reason in ladder.reasons if reason.clock not in settled)
    return replace(ladder, reasons=left) if left else Ladder(ladder.level)


def _next_rung(context: DecisionContext, state: TicketClocks, ladder: Ladder) -> Climb:
    """One up. On the last rung there is nobody above, and a ladder without rungs calls nobody."""
    terms, now, level = state.terms.ladder, context.now, ladder.level + 1
    if level > len(terms.rungs):
        return replace(ladder, climb_at=None), []
    rung = terms.rungs[level - 1]
    climb_at = None
    if rung.climb_after is not None and level < len(terms.rungs):
        # from now and not from when it was due: who is called late, after an outage, has the whole time all the same
        climb_at = context.calendar(state).due(now, rung.climb_after) if terms.working_time else now + rung.climb_after
    reason = ladder.reasons[0]
    called = TicketEscalated(**context.header, level=level, team=rung.team, cause=reason.cause, clock=reason.clock)
    return replace(ladder, level=level, acknowledged=False, climb_at=climb_at), [called]
