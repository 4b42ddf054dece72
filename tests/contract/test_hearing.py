"""What a service passes over means nothing to it, and what it hears reaches it."""

from uuid import UUID

import pytest
from aiokafka import ConsumerRecord

from services.notify import subscribers as notify
from services.notify.domain.ticket import Ticket
from services.routing import subscribers as routing
from services.sla import subscribers as sla
from shared.bus.record import read, types_not_subscribed_to
from shared.contracts import tickets, topics
from shared.contracts.envelope import encode
from shared.contracts.registry import BY_MODEL, EVENT_TYPES, EventType
from tests.contract.examples import envelope_of, full_event

TICKET_EVENTS = [one for one in EVENT_TYPES if one.topic is topics.TICKET]
every_ticket_event = pytest.mark.parametrize("event_type", TICKET_EVENTS, ids=lambda one: one.name)
OPENED = BY_MODEL[tickets.TicketOpened]
GARBAGE = b"\xff\x00{"


@pytest.mark.parametrize(
    "subscribes_to",
    [routing.SUBSCRIBED_EVENTS, sla.SUBSCRIBED_EVENTS, notify.SUBSCRIBED_EVENTS],
    ids=["routing", "sla", "notify"],
)
@every_ticket_event
def test_heard_or_passed_over(event_type: EventType, subscribes_to: tuple[type[tickets.TicketEvent], ...]) -> None:
    """An event is read by who hears it, and by others not even looked at."""
    event = full_event(event_type)
    record = read(_raw(encode(event), envelope_of(event_type).headers()), types_not_subscribed_to(subscribes_to))
    assert record.event == (event if event_type.model in subscribes_to else None)
    assert record.error is None


@every_ticket_event
def test_nothing_named_is_everything_heard(event_type: EventType) -> None:
    """A service that does not say what it hears, hears all."""
    event = full_event(event_type)
    assert read(_raw(encode(event), envelope_of(event_type).headers()), types_not_subscribed_to(())).event == event


@every_ticket_event
def test_notify_hears_whatever_tells_it_something(event_type: EventType) -> None:
    """What notify passes over would neither change what it keeps of a ticket nor be worth a notice."""
    event = full_event(event_type)
    assert isinstance(event, tickets.TicketEvent)
    known = Ticket(UUID(int=1), event.ticket_no, "m-1", "handle", "account_frozen", version=1, opened=True)
    if event_type.model not in notify.SUBSCRIBED_EVENTS:
        assert known.apply(event) == (known, None)


@pytest.mark.parametrize(
    "headers",
    [
        [("ce_type", OPENED.name.encode())],
        [("ce_type", b"support.ticket.assigned.v1"), ("ce_type", OPENED.name.encode())],
        [("ce_type", b"support.ticket.assigned.v1"), ("content-type", b"application/cloudevents+json")],
        [("ce_type", None)],
        [],
    ],
    ids=["heard", "stated twice", "structured", "null", "none"],
)
def test_only_a_stated_type_is_passed_over(headers: list[tuple[str, bytes | None]]) -> None:
    """Garbage is passed over only by who would have passed over the event it says it is."""
    assert read(_raw(GARBAGE, headers), types_not_subscribed_to((tickets.TicketOpened,))).error is not None


def test_other_topics_are_read_whatever_they_say() -> None:
    """Only events of tickets can be passed over: a command that calls itself one is still refused."""
    raw = _raw(GARBAGE, [("ce_type", b"support.ticket.assigned.v1")], topic=topics.ACTION.name)
    assert read(raw, types_not_subscribed_to((tickets.TicketOpened,))).error is not None


def _raw(
    value: bytes, headers: list[tuple[str, bytes]] | list[tuple[str, bytes | None]], topic: str = ""
) -> ConsumerRecord:
    return ConsumerRecord(
        topic or topics.TICKET.name, 0, 7, 1_700_000_000_000, 0, b"t-1", value, None, 3, len(value), tuple(headers)
    )
