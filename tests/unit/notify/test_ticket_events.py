"""Which events of a ticket members hear about, and whose ticket it is."""

import pytest

from services.notify.domain.ticket import NoticeKind, Ticket
from shared.contracts import tickets
from tests.unit.notify.samples import TICKET, TICKET_ID, TICKET_NO, event

OPENED = {"channel": "phone", "contact_id": "c-1", "problem_type": "refund"}
AGENT = {"kind": "agent", "id": "a-1"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (event(tickets.TicketAnswered, by=AGENT), NoticeKind.ANSWERED),
        (event(tickets.TicketWaiting, on="member"), NoticeKind.WAITING),
        (event(tickets.TicketWaiting, on="supplier"), None),
        (event(tickets.TicketEscalated, level=1, team="supervisor", cause="breach"), NoticeKind.ESCALATED),
        (event(tickets.TicketResolved, by=AGENT, how="refunded"), NoticeKind.RESOLVED),
        (event(tickets.TicketClosed), None),
        (event(tickets.TicketAccepted, agent_id="a-1"), None),
    ],
)
def test_members_hear_what_concerns_them(said: tickets.TicketEvent, kind: NoticeKind | None) -> None:
    """Members hear what concerns them, and nothing of the work behind it."""
    ticket, heard = TICKET.apply(said)
    assert heard is kind
    assert ticket.version == TICKET.version + (kind is not None)


def test_a_ticket_is_announced_when_it_is_opened_only() -> None:
    """A ticket is announced when it is opened, and not again."""
    opening = event(tickets.TicketOpened, **OPENED, identity="handle")
    ticket, kind = Ticket(TICKET_ID, TICKET_NO).apply(opening)
    assert (kind, ticket.member_id, ticket.problem_type, ticket.recognised) == (
        NoticeKind.OPENED,
        "m-1",
        "refund",
        True,
    )
    assert ticket.apply(opening) == (ticket, None)


def test_escalated_once_a_level() -> None:
    """Each rung of the ladder is announced once."""
    first = event(tickets.TicketEscalated, level=1, team="supervisor", cause="breach")
    second = event(tickets.TicketEscalated, level=2, team="technical", cause="breach")
    ticket, _ = TICKET.apply(first)
    assert ticket.apply(first)[1] is None
    assert ticket.apply(second)[1] is NoticeKind.ESCALATED


def test_nothing_more_is_heard_of_a_merged_ticket() -> None:
    """Of a ticket that goes on in another nothing more is heard."""
    ticket, _ = TICKET.apply(event(tickets.TicketMerged, into="t-2"))
    assert ticket.apply(event(tickets.TicketAnswered, by=AGENT))[1] is None


@pytest.mark.parametrize("identity", ["none", "claimed", "something new"])
def test_who_only_claims_to_be_a_member_is_not_believed(identity: str) -> None:
    """Who only claims to be a member is not believed."""
    ticket, _ = Ticket(TICKET_ID, TICKET_NO).apply(event(tickets.TicketOpened, **OPENED, identity=identity))
    assert not ticket.recognised


def test_nobody_takes_a_ticket_over() -> None:
    """A further contact that only claims to be somebody else leaves the ticket whose it was."""
    amended = event(tickets.TicketAmended, contact_id="c-2", member_id="m-2", identity="claimed")
    assert TICKET.apply(amended)[0].member_id == "m-1"


def test_a_ticket_becomes_the_members_once_they_logged_in() -> None:
    """A ticket nobody owned becomes the member's once they have logged in."""
    unowned = Ticket(TICKET_ID, TICKET_NO, None, "none", "weak", opened=True)
    ticket, _ = unowned.apply(event(tickets.TicketAmended, contact_id="c-2", identity="session"))
    assert (ticket.member_id, ticket.recognised) == ("m-1", True)


def test_the_first_to_tell_the_matter_changes_the_contacts() -> None:
    """The first to say what a ticket is about changes which contacts are named; who only adds does not."""
    told = event(tickets.TicketAmended, contact_id="c-2", member_id="m-1", problem_type="dispute")
    more = event(tickets.TicketAmended, contact_id="c-3", member_id="m-1")
    assert TICKET.apply(told)[0].apply(more)[0].problem_type == "dispute"


def test_a_corrected_problem_type_changes_the_contacts() -> None:
    """A corrected problem type changes which contacts are named."""
    corrected = event(tickets.TicketCorrected, problem_type="dispute", was="refund", actor_id="a-1")
    assert TICKET.apply(corrected)[0].problem_type == "dispute"
