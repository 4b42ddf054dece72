"""What sla erases of a member: whose tickets they were. The clocks run on."""

from typing import Final

from shared.erasure.loop import Erase, erasing
from shared.runtime.loop import Loop

_TICKETS: Final = """
update ticket set member_id = null where ticket_id in (
    select ticket_id from ticket where member_id = $1 and ticket_id < $3::uuid limit $2
)
"""


def erase() -> Loop:
    """The loop."""
    return erasing("sla", (Erase("ticket", _TICKETS, also="first_id"),))
