"""Actions that came before their ticket: kept sealed, and taken out again when it is there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from services.routing.store.pending_actions import Pending, end_pending, keep_pending, postpone
from services.routing.use_cases.command import Command, fingerprint_of
from services.routing.use_cases.sealed_record import seal, unseal
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.actions import ActionRequested
from shared.security.sealing import DataKeyError, Sealer
from shared.telemetry import metrics

log = structlog.get_logger()

UNREADABLE_AGAIN: Final = timedelta(minutes=1)
"""How soon an action that could not be opened is tried again."""


async def keep_for_ticket(
    work: UnitOfWork, commands: Sequence[tuple[Command, UUID]], until: datetime, sealer: Sealer
) -> None:
    """Keeps commands, each with the ticket it waits for."""
    rows = [
        (command.key, ticket_id, until, seal(command.record, sealer, context=sealed_as(command.key)))
        for command, ticket_id in commands
    ]
    await keep_pending(work.connection, rows)


async def release_kept(work: UnitOfWork, pending: Sequence[Pending], sealer: Sealer) -> list[Command]:
    """Actions that were kept, as they came. What cannot be opened is kept on: its key may come back."""
    commands, unreadable = [], []
    for kept in pending:
        try:
            record = unseal(kept.sealed, sealer, context=sealed_as(kept.key))
        except DataKeyError as error:
            # It must not keep its ticket from being opened.
            log.error("action.unreadable", action=kept.key, error=str(error))
            unreadable.append(kept.key)
            continue
        assert isinstance(record.event, ActionRequested)
        commands.append(Command(record, record.event, fingerprint_of(kept.key, record.event), kept.ticket_id))
    if commands:
        await end_pending(work.connection, [command.key for command in commands])
    if unreadable:
        metrics.UNREADABLE_ROWS.labels("pending_action").inc(len(unreadable))
        await postpone(work.connection, unreadable, work.now + UNREADABLE_AGAIN)
    return commands


def sealed_as(key: str) -> str:
    """The context an action is sealed in while it waits."""
    return f"routing/action/{key}"
