"""The only judge: the contract says what may be done with a ticket, in which state and by whom; here it is decided."""

from datetime import datetime

from services.routing.domain.decision import Decision, Refused
from services.routing.domain.on_actions import EFFECTS
from services.routing.domain.roles import has_role
from services.routing.domain.ticket import Ticket
from services.routing.domain.ticket_steps import DecisionContext
from shared.contracts.actions import ActionRequested
from shared.contracts.lifecycle import PERMITTED, TicketState
from shared.contracts.vocabulary import ActionKind, ActorKind


def judge(ticket: Ticket, action: ActionRequested, now: datetime, context: DecisionContext) -> Decision | Refused:
    """What an action does to a ticket, or why it may not be done and what may. Changes nothing by itself."""
    if action.kind not in set(ActionKind):
        return Refused("unknown_action", f"there is no action {action.kind!r}; there are {', '.join(ActionKind)}")
    kind = ActionKind(action.kind)
    if action.actor.kind not in set(ActorKind):
        return Refused("unknown_actor", f"there is no actor {action.actor.kind!r}; there are {', '.join(ActorKind)}")
    if ticket.state is TicketState.MERGED:
        return Refused("wrong_state", f"the ticket goes on in {ticket.merged_into}; act on that one")
    permission = PERMITTED[kind].get(ticket.state)
    if permission is not None and has_role(permission.who, action, ticket, context):
        outcome = EFFECTS[kind](ticket, action, now, context)
        return outcome if isinstance(outcome, Refused) else outcome.caused_by(action.action_id)
    possible = f"possible now for {action.actor.kind} {action.actor.id}: {_possible(ticket, action, context)}"
    if permission is None:
        needed = f"{action.kind} needs a ticket that is {' or '.join(PERMITTED[kind])}, this one is {ticket.state}"
        return Refused("wrong_state", f"{needed}; {possible}")
    who = " or ".join(sorted(permission.who))
    return Refused("wrong_actor", f"{action.kind} is for {who} while the ticket is {ticket.state}; {possible}")


def _possible(ticket: Ticket, action: ActionRequested, context: DecisionContext) -> str:
    """What this actor may do with the ticket as it stands."""
    kinds = [
        kind.value
        for kind, states in PERMITTED.items()
        if ticket.state in states and has_role(states[ticket.state].who, action, ticket, context)
    ]
    return ", ".join(kinds) or "nothing"
