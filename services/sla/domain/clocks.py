"""How the clocks of one ticket move: each thing that happens to a ticket is a function from its state to a decision.

`at` is when it happened, `now` the clock of the database, `calendars` the calendars by `name@version` (of the terms the
ticket has, and of those it is given). What does not apply (a wait of a closed ticket) leaves the state as it is.

First answer: never pauses; any answer meets it. Plan: pauses while the member is waited for, within an allowance; the
answer of an agent meets it. Next answer: from a member's message after an answer to the next answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.sla.domain import ladder
from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import ClockStatus, Dues, Phase, Reason, TicketClock, TicketClocks
from services.sla.domain.clock_times import retimed, started, timed
from services.sla.domain.decisions import Breached, Decision, Event, Promised, Warned
from services.sla.domain.promises import Facts, Terms
from shared.contracts.vocabulary import AnsweredBy, Clock, EscalationCause, Remark, WaitingOn

Calendars = Mapping[str, Calendar]


def on_opened(facts: Facts, terms: Terms, at: datetime, calendars: Calendars) -> Decision:
    """A ticket is promised a first answer and, unless it is simple, a plan."""
    fresh = TicketClocks(facts, terms, opened_at=at, clocks=(), published=Dues(at))
    wanted = [started(Clock.FIRST_ANSWER, 1, at, terms.first_answer)]
    if terms.plan is not None:
        wanted.append(started(Clock.PLAN, 1, at, terms.plan))
    calendar = calendars[terms.calendar]
    return _decided(None, replace(fresh, clocks=tuple(timed(fresh, clock, calendar) for clock in wanted)), [])


def on_amended(state: TicketClocks, at: datetime, calendars: Calendars, remark: str = Remark.MATTER) -> Decision:
    """A further message of the member: ends a wait for the member, and starts the next-answer clock after an answer.

    A greeting supplies nothing that was waited for, but wants an answer; thanks and a machine's note want none.
    """
    if state.phase is not Phase.OPEN or remark in (Remark.COURTESY, Remark.AUTOMATIC):
        return _decided(state, state, [])
    calendar = calendars[state.terms.calendar]
    after = state if remark == Remark.GREETING else _wait_over(state, at)
    if state.answered_at is not None:
        after = _next_answer_started(after, at, calendar)
    return _decided(state, retimed(after, calendar), [])


def on_answered(state: TicketClocks, by: str, at: datetime) -> Decision:
    """An answer meets the first-answer and next-answer clocks; that of an agent the plan and an appeal as well."""
    agent = by == AnsweredBy.AGENT
    met = {Clock.FIRST_ANSWER, Clock.NEXT_ANSWER} | ({Clock.PLAN} if agent else set())
    clocks, events = _ended(state, met, at, kept=ClockStatus.MET)
    after = replace(
        state,
        clocks=clocks,
        answered_at=state.answered_at or at,
        agent_answered_at=state.agent_answered_at or (at if agent else None),
        ladder=ladder.settle(state.ladder, met | ({None} if agent else set())),
    )
    return _decided(state, after, events)


def on_waiting(state: TicketClocks, on: str, at: datetime, calendars: Calendars) -> Decision:
    """Waiting for the member pauses the plan clock; waiting for anybody else pauses nothing."""
    if state.phase is not Phase.OPEN:
        return _decided(state, state, [])
    for_member = replace(state, waiting_since=state.waiting_since or at)
    after = for_member if on == WaitingOn.MEMBER else _wait_over(state, at)
    return _decided(state, retimed(after, calendars[state.terms.calendar]), [])


def on_resumed(state: TicketClocks, at: datetime, calendars: Calendars) -> Decision:
    """The wait is over, and the plan clock goes on."""
    after = _wait_over(state, at)
    return _decided(state, retimed(after, calendars[state.terms.calendar]) if after is not state else state, [])


def on_resolved(state: TicketClocks, at: datetime) -> Decision:
    """Every clock stops with what is left of it, and nobody is called any more."""
    return _stopped(state, Phase.RESOLVED, at)


def on_closed(state: TicketClocks, at: datetime) -> Decision:
    """Closed, or merged into another ticket: as resolved."""
    return _stopped(state, Phase.CLOSED, at)


def on_reopened(state: TicketClocks, at: datetime, calendars: Calendars) -> Decision:
    """The clocks go on with what was left, the time between not counted; when none was left, the next answer is due."""
    if state.phase is Phase.OPEN or state.resolved_at is None:
        return _decided(state, state, [])
    calendar = calendars[state.terms.calendar]
    opened = replace(
        state,
        phase=Phase.OPEN,
        resolved_at=None,
        idle=(*state.idle, (state.resolved_at, max(at, state.resolved_at))),
        clocks=tuple(
            replace(clock, status=ClockStatus.RUNNING) if clock.status is ClockStatus.SUSPENDED else clock
            for clock in state.clocks
        ),
    )
    opened = retimed(opened, calendar)
    # Terms that changed meanwhile may have left nothing: due at once, not in the past.
    opened = replace(opened, clocks=tuple(_not_before(clock, at) for clock in opened.clocks))
    if not any(clock.status is ClockStatus.RUNNING for clock in opened.clocks):
        opened = _next_answer_started(opened, at, calendar)
    return _decided(state, opened, [])


def on_terms(state: TicketClocks, facts: Facts, terms: Terms, now: datetime, calendars: Calendars) -> Decision:
    """New facts (a corrected type, another tier or urgency) or an edited policy: recalculated from the opening.

    What has elapsed counts. A clock whose new target is already used up is due now, and the event says so; it is never
    broken in the past. A broken or met promise stays as it is. A plan that is no longer promised is dropped.
    """
    if state.phase is Phase.CLOSED or (facts, terms) == (state.facts, state.terms):
        return _decided(state, state, [])
    after, calendar = replace(state, facts=facts, terms=terms), calendars[terms.calendar]
    targets = {
        Clock.FIRST_ANSWER: terms.first_answer,
        Clock.PLAN: terms.plan,
        Clock.NEXT_ANSWER: terms.next_answer,
    }
    clocks = []
    for clock in state.clocks:
        target = targets[Clock(clock.name)]
        back = clock.status is ClockStatus.DROPPED and target is not None and clock.name == Clock.PLAN
        if clock.status is ClockStatus.MET or (clock.status is ClockStatus.DROPPED and not back):
            clocks.append(clock)
        elif target is None:
            clocks.append(replace(clock, status=ClockStatus.DROPPED))
            after = replace(after, ladder=ladder.settle(after.ladder, [clock.name]))
        else:
            due = clock.started_at if back else clock.due
            going = replace(clock, target=target, status=_going(state), due=due)
            clocks.append(_changed(after, going, calendar, now))
    if terms.plan is not None and state.clock(Clock.PLAN) is None and state.agent_answered_at is None:
        plan = replace(started(Clock.PLAN, 1, state.opened_at, terms.plan), status=_going(state))
        clocks.append(_changed(after, plan, calendar, now))
    return _decided(state, replace(after, clocks=tuple(clocks)), [])


def on_matter(
    state: TicketClocks, facts: Facts, terms: Terms, at: datetime, now: datetime, calendars: Calendars
) -> Decision:
    """Somebody says what a ticket is about that a greeting opened: its promises count from then, not from the greeting.

    A first answer that was promised sooner stays promised.
    """
    told = replace(state, opened_at=at, clocks=tuple(_not_started_before(clock, at) for clock in state.clocks))
    decision = on_terms(told, facts, terms, now, calendars)
    earlier, later = state.clock(Clock.FIRST_ANSWER), decision.state.clock(Clock.FIRST_ANSWER)
    if earlier is None or later is None or earlier.due > later.due:
        return decision
    kept = tuple(earlier if clock is later else clock for clock in decision.state.clocks)
    return _decided(state, replace(decision.state, clocks=kept, published=state.published), [])


def on_appealed(
    state: TicketClocks, now: datetime, calendars: Calendars, cause: str = EscalationCause.APPEAL
) -> Decision:
    """The member appeals, or a person escalates by hand (cause `manual`): one level up, late or not."""
    if state.phase is Phase.CLOSED:
        return _decided(state, state, [])
    calendar = calendars[state.terms.calendar]
    risen, events = ladder.call(state.ladder, Reason(None, cause), state.terms.ladder, calendar, now)
    return _decided(state, replace(state, ladder=risen), list(events))


def on_acknowledged(state: TicketClocks) -> Decision:
    """Somebody took charge: the ladder climbs no further, the clocks run on."""
    return _decided(state, replace(state, ladder=ladder.acknowledge(state.ladder)), [])


def on_time(state: TicketClocks, now: datetime, calendars: Calendars) -> Decision:
    """Some timer of the ticket is due: warn, break and climb whatever is due by now, each once.

    A clock that is past its due time is broken without a warning, and the ladder is climbed one rung at a time, so that
    an outage wakes nobody twice.
    """
    calendar, terms = calendars[state.terms.calendar], state.terms.ladder
    risen, climbed = ladder.climb(state.ladder, terms, calendar, now)
    events: list[Event] = list(climbed)
    clocks = []
    for clock in state.clocks:
        if clock.status is not ClockStatus.RUNNING or clock.breached:
            clocks.append(clock)
        elif clock.due <= now:
            risen, called = ladder.call(risen, Reason(clock.name, EscalationCause.BREACH), terms, calendar, now)
            events += [Breached(clock.name, clock.due, risen.level), *called]
            clocks.append(replace(clock, breached=True))
        elif clock.warn_at is not None and clock.warn_at <= now and not clock.warned:
            events.append(Warned(clock.name, clock.due, state.level))
            clocks.append(replace(clock, warned=True))
        else:
            clocks.append(clock)
    return _decided(state, replace(state, clocks=tuple(clocks), ladder=risen), events)


def _going(state: TicketClocks) -> ClockStatus:
    return ClockStatus.RUNNING if state.phase is Phase.OPEN else ClockStatus.SUSPENDED


def _changed(state: TicketClocks, clock: TicketClock, calendar: Calendar, now: datetime) -> TicketClock:
    """The clock under new terms. What was already late before the change keeps its due time."""
    if clock.breached or clock.status is not ClockStatus.RUNNING:
        return clock
    fresh = timed(state, replace(clock, at_once=False), calendar)
    late = clock.started_at < clock.due <= now
    return _not_before(fresh, clock.due if late else now)


def _not_started_before(clock: TicketClock, at: datetime) -> TicketClock:
    under_way = clock.status in (ClockStatus.RUNNING, ClockStatus.SUSPENDED) and not clock.breached
    return replace(clock, started_at=max(clock.started_at, at)) if under_way else clock


def _not_before(clock: TicketClock, at: datetime) -> TicketClock:
    """A running promise whose time was used up before `at` is due at once, without a warning."""
    if clock.breached or clock.status is not ClockStatus.RUNNING or clock.due > at:
        return clock
    return replace(clock, due=at, warn_at=None, at_once=True)


def _wait_over(state: TicketClocks, at: datetime) -> TicketClocks:
    since = state.waiting_since
    if since is None:
        return state
    return replace(state, waiting_since=None, waits=(*state.waits, (since, max(at, since))))


def _next_answer_started(state: TicketClocks, at: datetime, calendar: Calendar) -> TicketClocks:
    target, last = state.terms.next_answer, state.clock(Clock.NEXT_ANSWER)
    if target is None or (last is not None and last.status is ClockStatus.RUNNING):
        return state
    fresh = timed(state, started(Clock.NEXT_ANSWER, last.cycle + 1 if last else 1, at, target), calendar)
    return replace(state, clocks=(*(clock for clock in state.clocks if clock is not last), fresh))


def _ended(
    state: TicketClocks, names: set[Clock], at: datetime, kept: ClockStatus
) -> tuple[tuple[TicketClock, ...], list[Event]]:
    """These clocks ended at `at`: as `kept` in time, else as met too late, which is said if it was not said before."""
    clocks: list[TicketClock] = []
    events: list[Event] = []
    for clock in state.clocks:
        if clock.name not in names or clock.status not in (ClockStatus.RUNNING, ClockStatus.SUSPENDED):
            clocks.append(clock)
            continue
        late = clock.status is ClockStatus.RUNNING and (clock.breached or at > clock.due)
        if late and not clock.breached:
            events.append(Breached(clock.name, clock.due, state.level))
        status = ClockStatus.MET if late else kept
        clocks.append(replace(clock, status=status, breached=late, ended_at=at if status is ClockStatus.MET else None))
    return tuple(clocks), events


def _stopped(state: TicketClocks, phase: Phase, at: datetime) -> Decision:
    waited = _wait_over(state, at)
    clocks, events = _ended(state, set(Clock), at, kept=ClockStatus.SUSPENDED)
    rested = ladder.settle(state.ladder, {reason.clock for reason in state.ladder.reasons})
    after = replace(waited, phase=phase, resolved_at=state.resolved_at or at, clocks=clocks, ladder=rested)
    return _decided(state, after, events)


def _decided(before: TicketClocks | None, after: TicketClocks, events: list[Event]) -> Decision:
    """Publishes the promise first when a due time moved."""
    first, plan, following = (after.clock(name) for name in Clock)
    assert first is not None
    running = following is not None and following.status is ClockStatus.RUNNING
    promised_plan = plan.due if plan is not None and plan.status is not ClockStatus.DROPPED else None
    dues = Dues(first.due, promised_plan, following.due if following and running else after.published.next_answer)
    if before is None or (after.phase is Phase.OPEN and dues != after.published):
        after = replace(after, published=dues)
        at_once = tuple(clock.name for clock in after.clocks if clock.at_once and clock.status is ClockStatus.RUNNING)
        terms = after.terms
        next_due = following.due if following and running else None
        events = [Promised(dues.first_answer, dues.plan, next_due, terms.policy, terms.calendar, at_once), *events]
    return Decision(after, tuple(events))
