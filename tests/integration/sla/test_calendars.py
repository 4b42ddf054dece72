"""Calendars are kept by version: a promise is measured by the one it was given under, whoever measures it."""

from shared.contracts.tickets import TicketAmended, TicketBreached, TicketPromised
from tests.integration.sla.conftest import Replica, about, opened

REFERENCES = "select reference from calendar order by reference"


async def test_a_version_is_kept_once_however_many_processes_start(sla: Replica, twin: Replica) -> None:
    """Processes with the same rules keep the same row."""
    assert await sla.rows(REFERENCES) == [(next(iter(twin.rules.promises.calendars)),)]


async def test_an_edited_calendar_is_another_version(sla: Replica, newer: Replica) -> None:
    """What was promised before an edit stays under the old version, and what is promised after it is under the new."""
    before, after = opened(), opened()
    await sla.handle(before)
    await newer.handle(after)
    references = [promised.calendar for promised in sla.published(TicketPromised)]
    assert len(set(references)) == 2
    assert {reference.partition("@")[0] for reference in references} == {"always"}
    assert set(references) <= {reference for (reference,) in await sla.rows(REFERENCES)}
    await newer.handle(about(before, TicketAmended, contact_id="c-2", channel="chat", urgency="high"))
    again = newer.published(TicketPromised)[-1]
    assert (again.ticket_id, again.calendar) == (before.ticket_id, references[1])


async def test_promises_of_a_process_that_left_break_aloud(sla: Replica, newer: Replica) -> None:
    """What a process with edited rule files promised before it went is broken by those that stayed."""
    tickets = [opened() for _ in range(3)]
    await newer.handle(*tickets)
    assert set(newer.rules.promises.calendars) - sla.rules.calendars.keys()
    await sla.break_first_answers(*tickets)
    await sla.fire()
    assert {event.ticket_id for event in sla.published(TicketBreached)} == {ticket.ticket_id for ticket in tickets}


async def test_a_process_learns_a_calendar_when_it_meets_it(sla: Replica, newer: Replica) -> None:
    """An event of such a ticket moves its clocks by its own calendar, read from the database at that moment."""
    ticket = opened()
    await newer.handle(ticket)
    (promised,) = newer.published(TicketPromised)
    assert promised.calendar not in sla.rules.calendars
    await sla.handle(about(ticket, TicketAmended, contact_id="c-2", channel="chat"))
    assert promised.calendar in sla.rules.calendars
