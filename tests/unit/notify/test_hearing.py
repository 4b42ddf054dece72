"""Which events of a ticket members hear about, and whose ticket it is."""

import pytest

from services.notify.domain.ticket import Kind, Ticket
from shared.contracts import tickets
from tests.unit.notify.samples import TICKET, TICKET_NO, event

OPENED = {"channel": "phone", "contact_id": "c-1", "problem_type": "refund"}
AGENT = {"kind": "agent", "id": "a-1"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (event(tickets.TicketAnswered, by=AGENT), Kind.ANSWERED),
        (event(tickets.TicketWaiting, on="member"), Kind.WAITING),
        (event(tickets.TicketWaiting, on="supplier"), None),
        (event(tickets.TicketEscalated, level=1, team="supervisor", cause="breach"), Kind.ESCALATED),
        (event(tickets.TicketResolved, by=AGENT, how="refunded"), Kind.RESOLVED),
        (event(tickets.TicketClosed), None),
        (event(tickets.TicketAccepted, agent_id="a-1"), None),
    ],
)
def test_kinds(said: tickets.TicketEvent, kind: Kind | None) -> None:
    """Members hear what concerns them, and nothing of the work behind it."""
    ticket, heard = TICKET.hear(said)
    assert heard is kind
    assert ticket.version == TICKET.version + (kind is not None)


def test_opened_once() -> None:
    """A ticket is announced when it is opened, and not again."""
    opening = event(tickets.TicketOpened, **OPENED, identity="handle")
    ticket, kind = Ticket("t-1", TICKET_NO).hear(opening)
    assert (kind, ticket.member_id, ticket.problem_type, ticket.recognised) == (Kind.OPENED, "m-1", "refund", True)
    assert ticket.hear(opening) == (ticket, None)


def test_escalated_once_a_level() -> None:
    """Each rung of the ladder is announced once."""
    first = event(tickets.TicketEscalated, level=1, team="supervisor", cause="breach")
    second = event(tickets.TicketEscalated, level=2, team="technical", cause="breach")
    ticket, _ = TICKET.hear(first)
    assert ticket.hear(first)[1] is None
    assert ticket.hear(second)[1] is Kind.ESCALATED


def test_merged_is_silent() -> None:
    """Of a ticket that goes on in another nothing more is heard."""
    ticket, _ = TICKET.hear(event(tickets.TicketMerged, into="t-2"))
    assert ticket.hear(event(tickets.TicketAnswered, by=AGENT))[1] is None


@pytest.mark.parametrize("identity", ["none", "claimed", "something new"])
def test_claims(identity: str) -> None:
    """Who only claims to be a member is not believed."""
    ticket, _ = Ticket("t-1", TICKET_NO).hear(event(tickets.TicketOpened, **OPENED, identity=identity))
    assert not ticket.recognised


def test_nobody_takes_a_ticket_over() -> None:
    """A further contact that only claims to be somebody else leaves the ticket whose it was."""
    amended = event(tickets.TicketAmended, contact_id="c-2", member_id="m-2", identity="claimed")
    assert TICKET.hear(amended)[0].member_id == "m-1"


def test_recognised_later() -> None:
    """A ticket nobody owned becomes the member's once they have logged in."""
    unowned = Ticket("t-1", TICKET_NO, None, "none", "weak", opened=True)
    ticket, _ = unowned.hear(event(tickets.TicketAmended, contact_id="c-2", identity="session"))
    assert (ticket.member_id, ticket.recognised) == ("m-1", True)


def test_matter_told() -> None:
    """The first to say what a ticket is about changes which contacts are named; who only adds does not."""
    told = event(tickets.TicketAmended, contact_id="c-2", member_id="m-1", problem_type="dispute")
    more = event(tickets.TicketAmended, contact_id="c-3", member_id="m-1")
    assert TICKET.hear(told)[0].hear(more)[0].problem_type == "dispute"


def test_corrected() -> None:
    """A corrected problem type changes which contacts are named."""
    corrected = event(tickets.TicketCorrected, problem_type="dispute", was="refund", actor_id="a-1")
    assert TICKET.hear(corrected)[0].problem_type == "dispute"
