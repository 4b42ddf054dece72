"""Tickets from `support.ticket.v1`: the whole log, or of one ticket only its own partition.

A scan: right for a laptop and for looking into a case. On a busy platform a read model replaces it.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from aiokafka import TopicPartition

from cli.errors import CommandError
from cli.kafka_log import follow, kafka_answers, log_tail, read_to_end
from cli.scanning import ScanProgress
from cli.tickets.repeats import Repeats
from cli.tickets.view import TicketView
from shared.bus.publisher import partition_of
from shared.bus.raw_batch import RawRecord
from shared.bus.tail import Tail
from shared.contracts import topics
from shared.contracts.envelope import Envelope, UndecodableError, decode
from shared.contracts.tickets import TicketEvent


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the ticket log with its place."""

    envelope: Envelope
    event: TicketEvent
    offset: int


async def read_tickets(servers: str, named: str | None = None) -> list[TicketView]:
    """All tickets, oldest first; with a ticket's id only that one, with a number all that bear it (one)."""
    views: dict[str, TicketView] = {}
    async with kafka_answers(servers), log_tail(servers) as tail:
        places = await _places(tail, named)
        with ScanProgress(topics.TICKET.name) as progress:
            async for record in read_to_end(tail, places, progress=progress):
                if (told := _read(record)) and _concerns(told, named):
                    ticket = views.setdefault(told.event.ticket_id, TicketView(told.event.ticket_id))
                    ticket.apply(told.envelope, told.event, told.offset)
    return sorted(views.values(), key=lambda ticket: ticket.story[0].event.at)


async def read_ticket(servers: str, named: str) -> TicketView:
    """One ticket by its id or number. Raises CommandError when there is none."""
    for ticket in await read_tickets(servers, named):
        return ticket
    raise CommandError(f"there is no ticket {named!r}", hint="`kefu ticket list` shows the tickets there are.")


async def watch_tickets(servers: str, named: str | None = None) -> AsyncIterator[Told]:
    """Every event from now on; with a ticket's name, all events of that ticket from its first.

    An event whose writer published it again after a crash comes once.
    """
    repeats = Repeats()
    async with kafka_answers(servers), log_tail(servers) as tail:
        places = await _places(tail, named)
        starts = await (tail.begins(places) if named else tail.ends(places))
        async with contextlib.aclosing(follow(tail, starts)) as records:
            async for record in records:
                if (told := _read(record)) and _concerns(told, named) and repeats.is_first(told.envelope):
                    yield told


def ticket_id_of(named: str) -> str | None:
    """The id when it is one, in its usual spelling; None when it can only be a number."""
    try:
        return str(UUID(named))
    except ValueError:
        return None


def _concerns(told: Told, named: str | None) -> bool:
    return named is None or told.event.ticket_no == named or told.event.ticket_id == (ticket_id_of(named) or named)


async def _places(tail: Tail, named: str | None) -> list[TopicPartition]:
    found = (await tail.partitions([topics.TICKET.name])).get(topics.TICKET.name)
    if found is None:
        raise CommandError(f"the topic {topics.TICKET} does not exist", hint="`make up` creates the topics.")
    ticket_id = ticket_id_of(named) if named else None
    return [found[partition_of(ticket_id.encode())]] if ticket_id else found


def _read(record: RawRecord) -> Told | None:
    """The event of a record; None for what is none: the services have put it into the dead letters."""
    try:
        decoded = decode(record.topic, record.headers, record.value, fallback_id=f"{record.partition}/{record.offset}")
    except UndecodableError:
        return None
    if not isinstance(decoded.event, TicketEvent):
        return None
    return Told(decoded.envelope, decoded.event, record.offset)
