"""How the clocks of one ticket move: each thing that happens to a ticket is a function from its state to a decision.

`at` is when it happened. What does not apply (a wait of a closed ticket) leaves the state as it is.

First answer: never pauses; any answer meets it. Plan: pauses while the member is waited for, within an allowance; the
answer of an agent meets it. Next answer: from a member's message after an answer to the next answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.sla.domain import ladder
from services.sla.domain.calendar import Calendar
from services.sla.domain.clock_state import ClockStatus, Dues, Phase, Reason, TicketClock, TicketClocks
from services.sla.domain.clock_times import retimed, started, timed
from services.sla.domain.decisions import Decision, DecisionContext
from services.sla.domain.promises import PolicyInput, Terms
from shared.contracts.tickets import TicketBreached, TicketEvent, TicketPromised, TicketWarned
from shared.contracts.vocabulary import AnsweredBy, Clock, EscalationCause, Remark, WaitingOn


def on_opened(context: DecisionContext, policy_input: PolicyInput, terms: Terms, at: datetime) -> Decision:
    """A ticket is promised a first answer and, unless it is simple, a plan."""
    fresh = TicketClocks(policy_input, terms, opened_at=at, clocks=(), published=Dues(at))
    calendar = context.calendar(fresh)
    clocks = [started(fresh, Clock.FIRST_ANSWER, at, terms.first_answer, calendar)]
    if terms.plan is not None:
        clocks.append(started(fresh, Clock.PLAN, at, terms.plan, calendar))
    return _decided(context, None, replace(fresh, clocks=tuple(clocks)))


def on_amended(context: DecisionContext, state: TicketClocks, at: datetime, remark: str = Remark.MATTER) -> Decision:
    """A further message of the member: ends a wait for the member, and starts the next-answer clock after an answer.

    A greeting supplies nothing that was waited for, but wants an answer; thanks and a machine's note want none.
    """
    if state.phase is not Phase.OPEN or remark in (Remark.COURTESY, Remark.AUTOMATIC):
        return Decision(state)
    calendar = context.calendar(state)
    after = state if remark == Remark.GREETING else _wait_over(state, at)
    if state.answered_at is not None:
        after = _next_answer_started(after, at, calendar)
    return _decided(context, state, retimed(after, calendar))


def on_answered(context: DecisionContext, state: TicketClocks, by: str, at: datetime) -> Decision:
    """An answer meets the first-answer and next-answer clocks; that of an agent the plan and an appeal as well."""
    agent = by == AnsweredBy.AGENT
    met = {Clock.FIRST_ANSWER, Clock.NEXT_ANSWER} | ({Clock.PLAN} if agent else set())
    clocks, events = _ended(context, state, met, at, kept=ClockStatus.MET)
    after = replace(
        state,
        clocks=clocks,
        answered_at=state.answered_at or at,
        agent_answered_at=state.agent_answered_at or (at if agent else None),
        ladder=ladder.settle(state.ladder, met | ({None} if agent else set())),
    )
    return _decided(context, state, after, events)


def on_waiting(context: DecisionContext, state: TicketClocks, on: str, at: datetime) -> Decision:
    """Waiting for the member pauses the plan clock; waiting for anybody else pauses nothing."""
    if state.phase is not Phase.OPEN:
        return Decision(state)
    for_member = replace(state, waiting_since=state.waiting_since or at)
    after = for_member if on == WaitingOn.MEMBER else _wait_over(state, at)
    return _decided(context, state, retimed(after, context.calendar(state)))


def on_resumed(context: DecisionContext, state: TicketClocks, at: datetime) -> Decision:
    """The wait is over, and the plan clock goes on."""
    after = _wait_over(state, at)
    return _decided(context, state, retimed(after, context.calendar(state)) if after is not state else state)


def on_resolved(context: DecisionContext, state: TicketClocks, at: datetime) -> Decision:
    """Every clock stops with what is left of it, and nobody is called any more."""
    return _stopped(context, state, Phase.RESOLVED, at)


def on_closed(context: DecisionContext, state: TicketClocks, at: datetime) -> Decision:
    """Closed, or merged into another ticket: as resolved."""
    return _stopped(context, state, Phase.CLOSED, at)


def on_reopened(context: DecisionContext, state: TicketClocks, at: datetime) -> Decision:
    """The clocks go on with what was left, the time between not counted; when none was left, the next answer is due."""
    if state.phase is Phase.OPEN or state.resolved_at is None:
        return Decision(state)
    calendar = context.calendar(state)
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
    return _decided(context, state, opened)


def on_terms(context: DecisionContext, state: TicketClocks, policy_input: PolicyInput, terms: Terms) -> Decision:
    """New input (a corrected type, another tier or urgency) or an edited policy: recalculated from the opening.

    What has elapsed counts. A clock whose new target is already used up is due now, and the event says so; it is never
    broken in the past. A broken or met promise stays as it is. A plan that is no longer promised is dropped.
    """
    if state.phase is Phase.CLOSED or (policy_input, terms) == (state.policy_input, state.terms):
        return Decision(state)
    after = replace(state, policy_input=policy_input, terms=terms)
    targets = {
        Clock.FIRST_ANSWER: terms.first_answer,
        Clock.PLAN: terms.plan,
        Clock.NEXT_ANSWER: terms.next_answer,
    }
    clocks = []
    for clock in state.clocks:
        target = targets[Clock(clock.name)]
        # Only a plan comes back. A next answer that was dropped belonged to a message of then, which the terms of then
        # promised nothing for.
        returns = clock.status is ClockStatus.DROPPED and target is not None and clock.name == Clock.PLAN
        if clock.status is ClockStatus.MET or (clock.status is ClockStatus.DROPPED and not returns):
            clocks.append(clock)
        elif target is None:
            clocks.append(replace(clock, status=ClockStatus.DROPPED))
            after = replace(after, ladder=ladder.settle(after.ladder, [clock.name]))
        else:
            going = replace(clock, target=target, status=_going(state))
            clocks.append(_under_new_terms(context, after, going, was_due=None if returns else clock.due))
    # an agent's answer is a plan already given, whatever the ticket was taken for when they gave it
    if terms.plan is not None and state.clock(Clock.PLAN) is None and state.agent_answered_at is None:
        calendar = context.calendar(after)
        plan = started(after, Clock.PLAN, state.opened_at, terms.plan, calendar, status=_going(state))
        clocks.append(_under_new_terms(context, after, plan, was_due=None))
    return _decided(context, state, replace(after, clocks=tuple(clocks)))


def on_matter(
    context: DecisionContext, state: TicketClocks, policy_input: PolicyInput, terms: Terms, at: datetime
) -> Decision:
    """Somebody says what a ticket is about that a greeting opened: its promises count from then, not from the greeting.

    A first answer that was promised sooner stays promised.
    """
    restarted = replace(state, opened_at=at, clocks=tuple(_not_started_before(clock, at) for clock in state.clocks))
    decision = on_terms(context, restarted, policy_input, terms)
    earlier, later = state.clock(Clock.FIRST_ANSWER), decision.state.clock(Clock.FIRST_ANSWER)
    if earlier is None or later is None or earlier.due > later.due:
        return decision
    kept = tuple(earlier if clock is later else clock for clock in decision.state.clocks)
    # the decision's own promise names the later time and is left unsaid, so nothing of it counts as published either
    return _decided(context, state, replace(decision.state, clocks=kept, published=state.published))


def on_appealed(context: DecisionContext, state: TicketClocks, cause: str = EscalationCause.APPEAL) -> Decision:
    """The member appeals, or a person escalates by hand (cause `manual`): one level up, late or not."""
    if state.phase is Phase.CLOSED:
        return Decision(state)
    risen, events = ladder.call(context, state, state.ladder, Reason(None, cause))
    return _decided(context, state, replace(state, ladder=risen), events)


def on_acknowledged(context: DecisionContext, state: TicketClocks) -> Decision:
    """Somebody took charge: the ladder climbs no further, the clocks run on."""
    return _decided(context, state, replace(state, ladder=ladder.acknowledge(state.ladder)))


def on_time(context: DecisionContext, state: TicketClocks) -> Decision:
    """Some timer of the ticket is due: warn, break and climb whatever is due by now, each once.

    A clock that is past its due time is broken without a warning, and the ladder is climbed one rung at a time, so that
    an outage wakes nobody twice.
    """
    # Before the clocks: a breach of this moment then finds a rung that was called just now, and joins its reasons.
    risen, climbed = ladder.climb(context, state)
    events: list[TicketEvent] = list(climbed)
    clocks = []
    for clock in state.clocks:
        if clock.status is not ClockStatus.RUNNING or clock.breached:
            clocks.append(clock)
        elif clock.due <= context.now:
            risen, called = ladder.call(context, state, risen, Reason(clock.name, EscalationCause.BREACH))
            breached = TicketBreached(**context.header, clock=clock.name, due=clock.due, level=risen.level)
            events += [breached, *called]
            clocks.append(replace(clock, breached=True))
        elif clock.warn_at is not None and clock.warn_at <= context.now and not clock.warned:
            events.append(TicketWarned(**context.header, clock=clock.name, due=clock.due, level=state.level))
            clocks.append(replace(clock, warned=True))
        else:
            clocks.append(clock)
    return _decided(context, state, replace(state, clocks=tuple(clocks), ladder=risen), events)


def _going(state: TicketClocks) -> ClockStatus:
    return ClockStatus.RUNNING if state.phase is Phase.OPEN else ClockStatus.SUSPENDED


def _under_new_terms(
    context: DecisionContext, state: TicketClocks, clock: TicketClock, *, was_due: datetime | None
) -> TicketClock:
    """The clock under new terms. What was already late before the change keeps its due time; None: it had none."""
    if clock.breached or clock.status is not ClockStatus.RUNNING:
        return clock
    fresh = timed(state, replace(clock, at_once=False), context.calendar(state))
    # a due time before the start is of before a matter was told, and the clock was set anew since
    late = was_due is not None and clock.started_at < was_due <= context.now
    return _not_before(fresh, was_due if was_due is not None and late else context.now)


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
    cycle = last.cycle + 1 if last else 1
    fresh = started(state, Clock.NEXT_ANSWER, at, target, calendar, cycle=cycle)
    return replace(state, clocks=(*(clock for clock in state.clocks if clock is not last), fresh))


def _ended(
    context: DecisionContext, state: TicketClocks, names: set[Clock], at: datetime, kept: ClockStatus
) -> tuple[tuple[TicketClock, ...], list[TicketEvent]]:
    """These clocks ended at `at`: as `kept` in time, else as met too late, which is said if it was not said before."""
    clocks: list[TicketClock] = []
    events: list[TicketEvent] = []
    for clock in state.clocks:
        if clock.name not in names or clock.status not in (ClockStatus.RUNNING, ClockStatus.SUSPENDED):
            clocks.append(clock)
            continue
        late = clock.status is ClockStatus.RUNNING and (clock.breached or at > clock.due)
        if late and not clock.breached:
            events.append(TicketBreached(**context.header, clock=clock.name, due=clock.due, level=state.level))
        status = ClockStatus.MET if late else kept
        clocks.append(replace(clock, status=status, breached=late, ended_at=at if status is ClockStatus.MET else None))
    return tuple(clocks), events


def _stopped(context: DecisionContext, state: TicketClocks, phase: Phase, at: datetime) -> Decision:
    waited = _wait_over(state, at)
    clocks, events = _ended(context, state, set(Clock), at, kept=ClockStatus.SUSPENDED)
    rested = ladder.settle(state.ladder, {reason.clock for reason in state.ladder.reasons})
    after = replace(waited, phase=phase, resolved_at=state.resolved_at or at, clocks=clocks, ladder=rested)
    return _decided(context, state, after, events)


def _decided(
    context: DecisionContext, before: TicketClocks | None, after: TicketClocks, events: Sequence[TicketEvent] = ()
) -> Decision:
    """Publishes the promise first when a due time moved."""
    first, plan, following = (after.clock(name) for name in Clock)
    assert first is not None
    running = following if following is not None and following.status is ClockStatus.RUNNING else None
    promised_plan = plan.due if plan is not None and plan.status is not ClockStatus.DROPPED else None
    # A next answer that was given is no promise that moved. So its due time stands among the published ones until
    # another message starts the clock again, and an answer alone publishes nothing.
    dues = Dues(first.due, promised_plan, running.due if running else after.published.next_answer)
    # While a ticket rests its times have no meaning: what changed meanwhile is published when it is reopened.
    if before is None or (after.phase is Phase.OPEN and dues != after.published):
        after = replace(after, published=dues)
        at_once = tuple(clock.name for clock in after.clocks if clock.at_once and clock.status is ClockStatus.RUNNING)
        promised = TicketPromised(
            **context.header,
            first_answer_due=dues.first_answer,
            plan_due=dues.plan,
            next_answer_due=running.due if running else None,
            policy=after.terms.policy,
            calendar=after.terms.calendar,
            at_once=at_once,
        )
        events = [promised, *events]
    return Decision(after, tuple(events))
