"""The desk acts on what it sees, and looks again before it does."""

from dataclasses import replace
from typing import Any

from tests.chaos.desk import Ticket, reactions, take_in
from tests.chaos.world import Matter, World

WORLD = World(1, 100)
CALM = replace(WORLD.matter(1), amended=False, late=False, first="accept", second="resolve", after="nothing")


def _told(matter: Matter, *events: tuple[str, dict[str, Any]]) -> list[list[str]]:
    ticket = Ticket("t1", matter, "M1", "refund")
    said = []
    for verb, value in events:
        take_in(ticket, verb, value)
        said.append([intent.kind for intent in reactions(ticket, verb, value)])
    return said


ASSIGNED = ("assigned", {"agent_id": "A1", "attempt": 1})
ACCEPTED = ("accepted", {"agent_id": "A1"})


def test_an_ordinary_ticket_is_offered_accepted_answered_solved() -> None:
    """Offered, accepted, answered, solved."""
    told = _told(CALM, ("opened", {}), ASSIGNED, ACCEPTED, ("answered", {}), ("resolved", {}))
    assert told == [[], ["accept"], ["answer"], ["resolve"], []]


def test_a_waiting_ticket_goes_on_and_is_appealed_once() -> None:
    """A ticket that waits goes on when the wait is over; a member who is not content appeals, once."""
    matter = replace(CALM, second="wait", after="appeal")
    told = _told(matter, ASSIGNED, ACCEPTED, ("answered", {}), ("waiting", {}), ("resumed", {}), ("resolved", {}))
    assert told[2:] == [["wait"], ["resume"], ["resolve"], ["appeal"]]


def test_a_late_ticket_is_answered_when_somebody_cares() -> None:
    """A rung that is too low for it does nothing; the right one takes charge, and then it is answered."""
    matter = replace(CALM, late=True, climbs=2)
    told = _told(
        matter,
        ASSIGNED,
        ACCEPTED,
        ("escalated", {"level": 1, "cause": "breach"}),
        ("escalated", {"level": 2, "cause": "breach"}),
        ("acknowledged", {}),
    )
    assert told[2:] == [[], ["acknowledge"], ["answer"]]


def test_an_intent_whose_time_is_over() -> None:
    """What was meant for a ticket that has moved on is dropped."""
    ticket = Ticket("t1", CALM, "M1", "refund")
    take_in(ticket, *ASSIGNED)
    (accept,) = reactions(ticket, *ASSIGNED)
    assert accept.still_fits(ticket)
    take_in(ticket, "declined", {})
    assert not accept.still_fits(ticket)


def test_a_matter_is_a_pure_function() -> None:
    """The no-th matter of a seed is always the same, names its own order, and its member is known on its channel."""
    for no in range(1, 60):
        matter = WORLD.matter(no)
        assert matter == World(1, 100).matter(no)
        assert matter.order_no in matter.text
        assert matter.person.known_on(matter.channel)
