"""What happens when nobody does anything. Each is asked when it is due, and changes nothing if it is not any more."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.routing.domain.agent import Agent
from services.routing.domain.decision import Decision
from services.routing.domain.ticket import Ticket
from services.routing.domain.ticket_steps import take_back
from services.routing.rules.model import Rules
from shared.contracts.lifecycle import TicketState
from shared.contracts.tickets import TicketClosed
from shared.contracts.vocabulary import DeclineCause, Presence


def on_accept_due(ticket: Ticket, now: datetime, rules: Rules) -> Decision:
    """The agent did not accept in time: somebody else is asked."""
    # The timer may be of a reservation that was accepted or given to somebody else in the same moment.
    if ticket.state is not TicketState.ASSIGNED or ticket.accept_due is None or ticket.accept_due > now:
        return Decision(ticket)
    return take_back(ticket, DeclineCause.TIMEOUT, now, rules)


def on_close_due(ticket: Ticket, now: datetime) -> Decision:
    """Resolved, and nobody objected: closed."""
    if ticket.state is not TicketState.RESOLVED or ticket.close_due is None or ticket.close_due > now:
        return Decision(ticket)
    after = replace(ticket, state=TicketState.CLOSED, close_due=None, closed_at=now)
    return Decision(after, (after.say(TicketClosed, now),))


def on_agent_absent(ticket: Ticket, agent: Agent, now: datetime, rules: Rules) -> Decision:
    """The agent is offline: a reservation comes back at once, an accepted ticket after a while; all when they are gone.

    A ticket that waits for somebody stays with an agent who is offline: nothing can be done about it now.
    """
    if agent.presence != Presence.OFFLINE or ticket.agent_id != agent.agent_id:
        return Decision(ticket)
    grace = timedelta(seconds=rules.patience.offline_grace_seconds)
    long_absent = agent.absent_since is not None and now - agent.absent_since >= grace
    comes_back = (
        agent.gone or ticket.state is TicketState.ASSIGNED or (ticket.state is TicketState.ACCEPTED and long_absent)
    )
    return take_back(ticket, DeclineCause.OFFLINE, now, rules) if comes_back else Decision(ticket)
