"""What routing hears: reference data first, then the lives of tickets, then the actions on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.routing.commands import carry_out, command, named_agents, not_seen_before, open_pending
from services.routing.docket import Docket
from services.routing.domain import life
from services.routing.domain.rules import Rules
from services.routing.reference import agent_changes, follow_members
from services.routing.store.actions import take_pending
from services.routing.store.agents import change_agents, free_teams
from services.routing.store.members import advisors_of
from shared.bus.record import Batch, Record
from shared.bus.ticket_events import ticket_events
from shared.bus.work import Work
from shared.contracts.actions import ActionRequested
from shared.contracts.tickets import (
    TicketAmended,
    TicketEscalated,
    TicketEvent,
    TicketMerged,
    TicketOpened,
    TicketPromised,
)
from shared.security.sealing import Sealer

HEARD: Final = (TicketOpened, TicketAmended, TicketMerged, TicketPromised, TicketEscalated)


@dataclass(frozen=True, slots=True)
class Subscribers:
    """The handler of routing's batches. ``wake`` is told when there may be something to match."""

    rules: Rules
    sealer: Sealer
    wake: Callable[[], None]

    async def handle(self, batch: Batch, work: Work) -> None:
        """One batch, in one transaction."""
        await follow_members(batch, work)
        heard = ticket_events(batch, work, *HEARD)
        commands = [command(record, action) for record, action in batch.of(ActionRequested)]
        ids = {ticket_id for _, _, ticket_id in heard} | {one.ticket_id for one in commands if one.ticket_id}
        docket = await Docket.open(work, self.rules, ids)

        known = docket.tickets.keys() | {one for _, event, one in heard if isinstance(event, TicketOpened)}
        waited = open_pending(await take_pending(work.connection, known), self.sealer) if known else []
        commands = waited + await not_seen_before(work, commands)

        changes = agent_changes(batch)
        await docket.call({*named_agents(commands), *changes.gone, *(change.agent_id for change in changes.changed)})
        if changes:
            await change_agents(work.connection, changes.changed, changes.gone)
            await docket.call(named_agents(commands))
        await _hear(docket, heard)
        await carry_out(docket, commands, self.sealer)
        await docket.save()
        work.after_commit(self.wake)


async def _hear(docket: Docket, heard: list[tuple[Record, TicketEvent, UUID]]) -> None:
    members = {event.member_id for _, event, _ in heard if isinstance(event, TicketOpened) and event.member_id}
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
                docket.decide(life.on_amended(ticket, event, now, facts), record)
            case TicketMerged() if ticket is not None:
                docket.decide(life.on_merged(ticket, event), record)
            case TicketPromised() if ticket is not None:
                docket.decide(life.on_promised(ticket, event, now, facts), record)
            case TicketEscalated() if ticket is not None:
                docket.decide(life.on_escalated(ticket, event, now, facts), record)
