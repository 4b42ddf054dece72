"""What routing reads: members, agents, the lives of tickets, and the actions on them."""

from collections.abc import Callable
from typing import Final

from services.routing.rules.model import Rules
from services.routing.store.members import change_members
from services.routing.use_cases.command import command_of
from services.routing.use_cases.decide_batch import decide_batch
from services.routing.use_cases.vouching import Vouching
from shared.bus.record import Batch
from shared.bus.reference_changes import reference_changes
from shared.bus.ticket_events import ticket_events
from shared.bus.transactions import Handler
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts import topics
from shared.contracts.actions import ActionRequested
from shared.contracts.reference import AgentChanged, MemberChanged
from shared.contracts.tickets import TicketAmended, TicketEscalated, TicketMerged, TicketOpened, TicketPromised
from shared.erasure.orders import take_orders
from shared.security.sealing import Sealer

SUBSCRIBED_EVENTS: Final = (TicketOpened, TicketAmended, TicketMerged, TicketPromised, TicketEscalated)
"""The events of others that decide anything here."""


def subscriber(rules: Rules, sealer: Sealer, wake: Callable[[], None], vouching: Vouching) -> Handler:
    """The handler of a batch. ``wake`` is told once it is committed that there may be something to match."""

    async def handle(batch: Batch, work: UnitOfWork) -> None:
        await take_orders(batch, work)
        members = reference_changes(batch, topics.MEMBER, MemberChanged, lambda member: member.member_id)
        await change_members(work.connection, members.changed, members.gone)
        agents = reference_changes(batch, topics.AGENT, AgentChanged, lambda agent: agent.agent_id)
        events = ticket_events(batch, work, *SUBSCRIBED_EVENTS)
        actions = vouching.those_vouched_for(batch.of(ActionRequested), work)
        commands = [command_of(record, action) for record, action in actions]
        changed = [*members.gone, *(member.member_id for member in members.changed)]
        await decide_batch(work, rules, sealer, members=changed, agents=agents, events=events, commands=commands)
        work.after_commit(wake)

    return handle
