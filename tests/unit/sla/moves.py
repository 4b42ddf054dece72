"""The moves of the clocks as the tests make them: now is when it happens, and events are as if told at the opening."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.sla.domain import clocks
from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import TicketClocks
from services.sla.domain.decisions import Decision, DecisionContext
from services.sla.domain.promises import PolicyInput, Terms
from shared.contracts.tickets import TicketBreached, TicketEscalated, TicketPromised, TicketWarned
from tests.unit.sla.samples import CALENDARS, OPENED

TICKET_ID = UUID(int=7)
HEADER = DecisionContext(TICKET_ID, "T-7", "m-7", "standard", OPENED, CALENDARS).header


def context(now: datetime, calendars: Mapping[str, Calendar] = CALENDARS) -> DecisionContext:
    return DecisionContext(TICKET_ID, "T-7", "m-7", "standard", now, calendars)


def _compared(decision: Decision) -> Decision:
    return replace(decision, events=tuple(event.model_copy(update={"at": OPENED}) for event in decision.events))


def on_opened(policy_input: PolicyInput, terms: Terms, at: datetime) -> Decision:
    return _compared(clocks.on_opened(context(at), policy_input, terms, at))


def on_amended(state: TicketClocks, at: datetime, remark: str = "matter") -> Decision:
    return _compared(clocks.on_amended(context(at), state, at, remark))


def on_answered(state: TicketClocks, by: str, at: datetime) -> Decision:
    return _compared(clocks.on_answered(context(at), state, by, at))


def on_waiting(state: TicketClocks, on: str, at: datetime) -> Decision:
    return _compared(clocks.on_waiting(context(at), state, on, at))


def on_resumed(state: TicketClocks, at: datetime, calendars: Mapping[str, Calendar] = CALENDARS) -> Decision:
    return _compared(clocks.on_resumed(context(at, calendars), state, at))


def on_resolved(state: TicketClocks, at: datetime) -> Decision:
    return _compared(clocks.on_resolved(context(at), state, at))


def on_closed(state: TicketClocks, at: datetime) -> Decision:
    return _compared(clocks.on_closed(context(at), state, at))


def on_reopened(state: TicketClocks, at: datetime) -> Decision:
    return _compared(clocks.on_reopened(context(at), state, at))


def on_terms(state: TicketClocks, policy_input: PolicyInput, terms: Terms, now: datetime) -> Decision:
    return _compared(clocks.on_terms(context(now), state, policy_input, terms))


def on_matter(state: TicketClocks, policy_input: PolicyInput, terms: Terms, at: datetime, now: datetime) -> Decision:
    return _compared(clocks.on_matter(context(now), state, policy_input, terms, at))


def on_appealed(state: TicketClocks, now: datetime, cause: str = "appeal") -> Decision:
    return _compared(clocks.on_appealed(context(now), state, cause))


def on_acknowledged(state: TicketClocks) -> Decision:
    return _compared(clocks.on_acknowledged(context(OPENED), state))


def on_time(state: TicketClocks, now: datetime) -> Decision:
    return _compared(clocks.on_time(context(now), state))


def promised(
    first_answer: datetime,
    plan: datetime | None,
    next_answer: datetime | None,
    policy: str,
    calendar: str,
    at_once: tuple[str, ...] = (),
) -> TicketPromised:
    return TicketPromised(
        **HEADER,
        first_answer_due=first_answer,
        plan_due=plan,
        next_answer_due=next_answer,
        policy=policy,
        calendar=calendar,
        at_once=at_once,
    )


def warned(clock: str, due: datetime, level: int) -> TicketWarned:
    return TicketWarned(**HEADER, clock=clock, due=due, level=level)


def breached(clock: str, due: datetime, level: int) -> TicketBreached:
    return TicketBreached(**HEADER, clock=clock, due=due, level=level)


def escalated(level: int, team: str, cause: str, clock: str | None) -> TicketEscalated:
    return TicketEscalated(**HEADER, level=level, team=team, cause=cause, clock=clock)
