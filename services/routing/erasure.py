"""What routing erases of a member: whose tickets and whose actions they were. The tickets go on without a person."""

from typing import Final

from shared.erasure.loop import Erase, erasing
from shared.runtime.loop import Loop

_TICKETS: Final = """
update ticket set member_id = null, order_no = null where ticket_id in (
    select ticket_id from ticket where member_id = $1 and ticket_id < $3::uuid limit $2
)
"""
_ACTIONS: Final = """
update action set actor_id = '' where action_id in (
    select action_id from action where actor_kind = 'member' and actor_id = $1 limit $2
)
"""


def erase() -> Loop:
    """The loop. Actions that wait for their ticket are sealed, and gone within minutes by themselves."""
    return erasing("routing", (Erase("ticket", _TICKETS, also="first_id"), Erase("action", _ACTIONS)))
