"""One batch of routing: the platform's agents, the lives of tickets, then the actions on them, all on one docket."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.routing.domain import life
from services.routing.rules.model import Rules
from services.routing.store.agents import change_agents, free_teams
from services.routing.store.members import advisors_of
from services.routing.store.pending_actions import pending_of
from services.routing.store.queue import follow_advisors, queued_of_members
from services.routing.use_cases.commands import Command, carry_out, named_agents, not_seen_before, take_up
from services.routing.use_cases.docket import Docket
from shared.bus.record import Record
from shared.bus.reference_changes import ReferenceChanges
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.reference import AgentChanged
from shared.contracts.tickets import (
    TicketAmended,
    TicketEscalated,
    TicketEvent,
    TicketMerged,
    TicketOpened,
    TicketPromised,
)
from shared.security.sealing import Sealer

TicketHeard = tuple[Record, TicketEvent, UUID]


async def decide_batch(
    work: UnitOfWork,
    rules: Rules,
    sealer: Sealer,
    *,
    members: Sequence[str] = (),
    agents: ReferenceChanges[AgentChanged],
    heard: Sequence[TicketHeard],
    commands: Sequence[Command],
) -> None:
    """Decides about all tickets named, locked first. Actions that waited for one go before new ones.

    ``members``: those the platform has just said something of, which is written already.
    """
    of_members = await queued_of_members(work.connection, members)
    ids = of_members | {ticket_id for _, _, ticket_id in heard} | {one.ticket_id for one in commands if one.ticket_id}
    docket = await Docket.open(work, rules, ids)
    await follow_advisors(work.connection, sorted(of_members))
    known = docket.tickets.keys() | {ticket_id for _, event, ticket_id in heard if isinstance(event, TicketOpened)}
    waited = await take_up(work, await pending_of(work.connection, known), sealer) if known else []
    to_judge = waited + await not_seen_before(work, commands)

    await docket.call({*named_agents(to_judge), *agents.gone, *(change.agent_id for change in agents.changed)})
    if agents:
        await change_agents(work.connection, agents.changed, agents.gone)
        await docket.call(named_agents(to_judge))
    await _hear(docket, heard)
    await carry_out(docket, to_judge, sealer)
    await docket.save()


async def _hear(docket: Docket, heard: Sequence[TicketHeard]) -> None:
    naming = (TicketOpened, TicketAmended)
    members = {event.member_id for _, event, _ in heard if isinstance(event, naming) and event.member_id}
    advisors = await advisors_of(docket.work.connection, members)
    escalated = any(isinstance(event, TicketEscalated) for _, event, _ in heard)
    facts = docket.facts(await free_teams(docket.work.connection) if escalated else frozenset())
    now = docket.work.now
    for record, event, ticket_id in heard:
        ticket = docket.tickets.get(ticket_id)
        match event:
            case TicketOpened() if ticket is None:
                docket.decide(life.on_opened(event, now, facts, advisors), record)
            case TicketAmended() if ticket is not None:
                if event.member_id is not None:
                    ticket = replace(ticket, advisor_agent_id=advisors.get(event.member_id))
                docket.decide(life.on_amended(ticket, event, now, facts), record)
            case TicketMerged() if ticket is not None:
                docket.decide(life.on_merged(ticket, event), record)
            case TicketPromised() if ticket is not None:
                docket.decide(life.on_promised(ticket, event, now, facts), record)
            case TicketEscalated() if ticket is not None:
                docket.decide(life.on_escalated(ticket, event, now, facts), record)
