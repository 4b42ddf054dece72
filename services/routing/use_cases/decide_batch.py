"""One batch of routing: the platform's agents, the lives of tickets, then the actions on them, all on one docket."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.routing.domain.on_events import on_amended, on_escalated, on_merged, on_opened, on_promised
from services.routing.rules.model import Rules
from services.routing.store.agents import change_agents, free_teams
from services.routing.store.members import advisors_of
from services.routing.store.pending_actions import pending_of
from services.routing.store.queue import follow_advisors, queued_of_members
from services.routing.use_cases.carry_out import carry_out
from services.routing.use_cases.command import Command, named_agents
from services.routing.use_cases.docket import Docket
from services.routing.use_cases.keep_actions import release_kept
from services.routing.use_cases.without_repeats import without_repeats
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

SourcedEvent = tuple[Record, TicketEvent, UUID]
"""The record, its event, and the id of the ticket."""


async def decide_batch(
    work: UnitOfWork,
    rules: Rules,
    sealer: Sealer,
    *,
    members: Sequence[str] = (),
    agents: ReferenceChanges[AgentChanged],
    events: Sequence[SourcedEvent],
    commands: Sequence[Command],
) -> None:
    """Decides about all tickets named, locked first. Actions that waited for one go before new ones.

    ``members``: those the platform has just said something of, which is written already.
    """
    of_members = await queued_of_members(work.connection, members)
    ids = (
        of_members
        | {ticket_id for _, _, ticket_id in events}
        | {command.ticket_id for command in commands if command.ticket_id}
    )
    docket = await Docket.open(work, rules, ids)
    await follow_advisors(work.connection, sorted(of_members))
    known = docket.tickets.keys() | {ticket_id for _, event, ticket_id in events if isinstance(event, TicketOpened)}
    kept = await release_kept(work, await pending_of(work.connection, known), sealer) if known else []
    to_judge = kept + await without_repeats(work, commands)

    # Locked twice. First everybody, in one go and by id, so that two batches never wait for each other, whichever rows
    # each goes on to change.
    await docket.lock_agents({*named_agents(to_judge), *agents.gone, *(change.agent_id for change in agents.changed)})
    if agents:
        await change_agents(work.connection, agents.changed, agents.gone)
        # Then again, which locks nothing more: it reads them as the platform has just said they are, new ones included.
        await docket.lock_agents(named_agents(to_judge))
    await _apply_events(docket, events)
    await carry_out(docket, to_judge, sealer)
    await docket.save()


async def _apply_events(docket: Docket, events: Sequence[SourcedEvent]) -> None:
    naming = (TicketOpened, TicketAmended)
    members = {event.member_id for _, event, _ in events if isinstance(event, naming) and event.member_id}
    advisors = await advisors_of(docket.work.connection, members)
    escalated = any(isinstance(event, TicketEscalated) for _, event, _ in events)
    context = docket.context(await free_teams(docket.work.connection) if escalated else frozenset())
    now = docket.work.now
    for record, event, ticket_id in events:
        ticket = docket.tickets.get(ticket_id)
        match event:
            case TicketOpened() if ticket is None:
                docket.decide(on_opened(event, now, context, advisors), record)
            case TicketAmended() if ticket is not None:
                if event.member_id is not None:
                    ticket = replace(ticket, advisor_agent_id=advisors.get(event.member_id))
                docket.decide(on_amended(ticket, event, now, context), record)
            case TicketMerged() if ticket is not None:
                docket.decide(on_merged(ticket, event), record)
            case TicketPromised() if ticket is not None:
                docket.decide(on_promised(ticket, event, now, context), record)
            case TicketEscalated() if ticket is not None:
                docket.decide(on_escalated(ticket, event, now, context), record)
