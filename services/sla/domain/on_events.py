"""What each event of a ticket does to its clocks: which of the functions of `clocks` it comes to, and with what."""

from dataclasses import replace
from datetime import datetime

from services.sla.domain import clocks
from services.sla.domain.clock_state import TicketClocks
from services.sla.domain.decisions import Decision, DecisionContext
from services.sla.domain.promises import PolicyInput, Promises
from shared.contracts import tickets as events


def on_opening(context: DecisionContext, event: events.TicketOpened, promises: Promises) -> Decision:
    """The first decision about a ticket."""
    policy_input = PolicyInput(event.tier, event.complexity, event.problem_type, event.urgency)
    return clocks.on_opened(context, policy_input, promises.terms_for(policy_input), _received(event))


def on_event(context: DecisionContext, state: TicketClocks, event: events.TicketEvent, promises: Promises) -> Decision:
    """What follows from anything that happens later."""
    match event:
        case events.TicketAmended():
            return _on_amended(context, state, event, promises)
        case events.TicketCorrected():
            return _on_input(context, state, replace(state.policy_input, problem_type=event.problem_type), promises)
        case events.TicketAnswered():
            return clocks.on_answered(context, state, event.by.kind, event.at)
        case events.TicketWaiting():
            return clocks.on_waiting(context, state, event.on, event.at)
        case events.TicketResumed():
            return clocks.on_resumed(context, state, event.at)
        case events.TicketResolved():
            return clocks.on_resolved(context, state, event.at)
        case events.TicketReopened():
            return clocks.on_reopened(context, state, event.at)
        case events.TicketClosed() | events.TicketMerged():
            return clocks.on_closed(context, state, event.at)
        case events.TicketAppealed():
            return clocks.on_appealed(context, state)
        case events.TicketAcknowledged():
            return clocks.on_acknowledged(context, state)
    return Decision(state)


def _on_amended(
    context: DecisionContext, state: TicketClocks, event: events.TicketAmended, promises: Promises
) -> Decision:
    # somebody less proven is not taken for the member: they end no wait and start no clock
    message = Decision(state)
    if not event.less_proven:
        message = clocks.on_amended(context, state, _received(event), event.remark)
    after = message.state
    policy_input = replace(after.policy_input, urgency=event.urgency, tier=event.tier)
    if event.problem_type is None:
        terms = _on_input(context, after, policy_input, promises)
    else:
        complexity = event.complexity or policy_input.complexity
        policy_input = replace(policy_input, problem_type=event.problem_type, complexity=complexity)
        at = _received(event)
        terms = clocks.on_matter(context, after, policy_input, promises.terms_for(policy_input), at)
    return Decision(terms.state, message.events + terms.events)


def _on_input(context: DecisionContext, state: TicketClocks, policy_input: PolicyInput, promises: Promises) -> Decision:
    # Equal input is not looked up anew: an edited policy is for new tickets, and every message would else bring it in.
    if policy_input == state.policy_input:
        return Decision(state)
    return clocks.on_terms(context, state, policy_input, promises.terms_for(policy_input))


def _received(event: events.TicketOpened | events.TicketAmended) -> datetime:
    """When the contact reached the house: what we were slow to read lengthens no promise."""
    return min(event.received_at or event.at, event.at)
