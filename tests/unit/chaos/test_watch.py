"""What has been waited for, and for how long."""

from shared.contracts import topics
from tests.chaos.watch import Waiting

TICKET, NOTICE = topics.TICKET.name, topics.NOTICE.name


def test_from_contact_to_notice() -> None:
    """A contact is waited for until every service has done its part."""
    waiting = Waiting()
    waiting.sent("c1", 10.0)
    assert waiting.oldest(12.0) == (2.0, "opened")
    waiting.heard(TICKET, "opened", {"ticket_id": "t1", "contact_id": "c1"}, 12.0)
    waiting.heard(TICKET, "queued", {"ticket_id": "t1"}, 12.1)
    waiting.heard(NOTICE, "planned", {"ticket_id": "t1"}, 12.2)
    assert waiting.oldest(13.0) == (1.0, "promised")
    waiting.heard(TICKET, "promised", {"ticket_id": "t1"}, 13.0)
    assert waiting.oldest(20.0) == (0.0, "")


def test_a_notice_heard_first() -> None:
    """A notice that is heard before the opening it is about is not waited for afterwards."""
    waiting = Waiting()
    waiting.heard(NOTICE, "planned", {"ticket_id": "t1"}, 10.0)
    for verb in ("opened", "promised", "queued"):
        waiting.heard(TICKET, verb, {"ticket_id": "t1", "contact_id": "c1"}, 11.0)
    assert waiting.oldest(20.0) == (0.0, "")
