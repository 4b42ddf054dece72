"""What agents and members do when something has happened to a ticket. Pure: an event in, intents out.

Everybody looks again before they act: an intent whose time has come is dropped when the ticket has moved on since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.chaos.world import Matter, other_queue, other_type

Json = dict[str, Any]

FREE: Final = ""
_PATIENCE_SECONDS: Final = 15.0
"""After this a late ticket is answered even if nobody had to be called."""


@dataclass(slots=True)
class Ticket:
    """What the desk has seen of a ticket. ``moves``: how many events; ``state``: its latest verb that moves it."""

    ticket_id: str
    matter: Matter
    member_id: str
    problem_type: str
    state: str = "opened"
    holder: str = FREE
    moves: int = 0
    answers: int = 0
    solutions: int = 0
    level: int = 0
    acknowledged: bool = False
    amended: bool = False
    second_done: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """In so many seconds: an action of ``actor`` (``agent:A02``), or, without a kind, the member's further contact.

    Dropped when the ticket is in another ``state`` or with another ``holder`` by then.
    """

    seconds: float
    kind: str
    actor: str
    state: str
    holder: str
    fields: Json

    def still_fits(self, ticket: Ticket) -> bool:
        """Whether the ticket is as it was meant for."""
        return (ticket.state, ticket.holder) == (self.state, self.holder)


_STATES: Final = {
    "queued": "queued",
    "assigned": "assigned",
    "accepted": "accepted",
    "waiting": "waiting",
    "resumed": "accepted",
    "resolved": "resolved",
    "reopened": "reopened",
    "closed": "closed",
}
_FREED: Final = ("queued", "declined", "resolved", "closed", "reopened")


def take_in(ticket: Ticket, verb: str, value: Json) -> None:
    """The ticket as it is after an event."""
    ticket.moves += 1
    ticket.state = _STATES.get(verb, ticket.state)
    if verb == "assigned":
        ticket.holder = value["agent_id"]
    elif verb in _FREED:
        ticket.holder = FREE
    elif verb == "answered":
        ticket.answers += 1
    elif verb == "escalated":
        ticket.level, ticket.acknowledged = value["level"], False
    elif verb == "acknowledged":
        ticket.acknowledged = True
    elif verb == "amended":
        ticket.amended = True
    elif verb == "corrected":
        ticket.problem_type = value["problem_type"]
    ticket.solutions += verb == "resolved"


def reactions(ticket: Ticket, verb: str, value: Json) -> Iterator[Intent]:
    """What follows from an event that ``ticket`` has taken in."""
    matter, pace = ticket.matter, 0.15 + ticket.matter.no % 10 * 0.05
    if verb == "opened" and matter.amended:
        yield Intent(pace, "", "", ticket.state, ticket.holder, {})
    elif verb == "assigned":
        yield from _offered(ticket, int(value["attempt"]), pace)
    elif verb == "accepted":
        yield from _accepted(ticket, pace)
    elif verb in ("answered", "amended", "resumed", "corrected") and ticket.state == "accepted" and ticket.answers:
        yield from _goes_on(ticket, verb, pace)
    elif verb == "waiting":
        yield _of_holder(ticket, pace, "resume")
    elif verb == "escalated" and (value["cause"] != "breach" or ticket.level >= matter.climbs):
        yield Intent(pace, "acknowledge", "supervisor:S01", ticket.state, ticket.holder, {})
    elif verb == "acknowledged" and ticket.state == "accepted":
        yield _answer(ticket, pace)
    elif verb == "resolved" and ticket.solutions == 1:
        yield from _after(ticket, pace)


def _offered(ticket: Ticket, attempt: int, pace: float) -> Iterator[Intent]:
    first = ticket.matter.first if attempt == 1 else "accept"
    if first == "accept":
        yield _of_holder(ticket, pace, "accept")
    elif first == "decline":
        yield _of_holder(ticket, pace, "decline", reason="不是我的专长")


def _accepted(ticket: Ticket, pace: float) -> Iterator[Intent]:
    slow = ticket.matter.late and not ticket.acknowledged and not ticket.answers
    yield _answer(ticket, _PATIENCE_SECONDS if slow else pace)


def _goes_on(ticket: Ticket, verb: str, pace: float) -> Iterator[Intent]:
    matter = ticket.matter
    if matter.amended and not ticket.amended:
        return
    if matter.second != "resolve" and not ticket.second_done and ticket.level == 0:
        ticket.second_done = True
        if matter.second == "wait":
            yield _of_holder(ticket, pace, "wait", on="supplier")
        elif matter.second == "transfer":
            yield _of_holder(ticket, pace, "transfer", to=other_queue(matter))
        else:
            yield _of_holder(ticket, pace, "correct_type", to=other_type(matter, ticket.problem_type))
        return
    yield _of_holder(ticket, pace, "resolve", text="已处理完成", reason=f"after {verb}")


def _after(ticket: Ticket, pace: float) -> Iterator[Intent]:
    if ticket.matter.after != "nothing":
        member = f"member:{ticket.member_id}"
        yield Intent(pace, ticket.matter.after, member, ticket.state, ticket.holder, {"reason": "还是不行"})


def _answer(ticket: Ticket, seconds: float) -> Intent:
    return _of_holder(ticket, seconds, "answer", text="您好,正在为您核实")


def _of_holder(ticket: Ticket, seconds: float, kind: str, **fields: Any) -> Intent:
    return Intent(seconds, kind, f"agent:{ticket.holder}", ticket.state, ticket.holder, fields)
