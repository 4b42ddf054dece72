"""What notify erases of a member: whose notices and tickets they were, and what leads to the message at its provider.

Addresses go with the tombstone itself, so nothing planned can be sent any more.
"""

from typing import Final

from shared.erasure.loop import Erase, erasing
from shared.runtime.loop import Loop

_INTENTS: Final = """
update intent set member_id = null, message_id = null where notice_id in (
    select notice_id from intent where member_id = $1 and ticket_id < $3 limit $2
)
"""
_TICKETS: Final = """
update ticket set member_id = null, identity = 'none', identity_proof = 'none' where ticket_id in (
    select ticket_id from ticket where member_id = $1 and ticket_id < $3 limit $2
)
"""


def erase() -> Loop:
    """The loop."""
    return erasing("notify", (Erase("intent", _INTENTS, also="first_id"), Erase("ticket", _TICKETS, also="first_id")))
