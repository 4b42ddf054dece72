"""What intake erases of a member: their words, their addresses, whose tickets and orders they were.

What they say after the order is not touched: a ticket's id begins with the time of the contact that opened it.
Contacts keep their natural key, so that a repeat still changes nothing; tickets go on without a person.
"""

from typing import Final

from shared.erasure.loop import Erase, erasing
from shared.runtime.loop import Loop

_CONTACTS: Final = """
update contact set claimed_member_id = null, sender = '', sender_sealed = '', content_sealed = ''
where (channel, contact_id) in (
    select channel, contact_id from contact join ticket using (ticket_id)
    where ticket.member_id = $1 and content_sealed <> '' and received_at <= $3 limit $2
)
"""
_CLAIMS: Final = """
update contact set claimed_member_id = null, sender = '', sender_sealed = '', content_sealed = ''
where (channel, contact_id) in (
    select channel, contact_id from contact where claimed_member_id = $1 and received_at <= $3 limit $2
)
"""
_ADDRESSES: Final = """
update contact set claimed_member_id = null, sender = '', sender_sealed = '', content_sealed = ''
where (channel, contact_id) in (
    select channel, contact_id from contact where sender = any($3::bytea[]) and $1::text is not null limit $2
)
"""
_WAITING_WORDS: Final = """
update contact set claimed_member_id = null, sender = '', sender_sealed = '', content_sealed = ''
where content_sealed <> '' and (channel, contact_id) in (
    select channel, contact_id from waiting_contact where member_id = $1 limit $2
)
"""
_WAITING: Final = """
delete from waiting_contact where (channel, contact_id) in (
    select channel, contact_id from waiting_contact where member_id = $1 limit $2
)
"""
_TICKETS: Final = """
update ticket set member_id = null, sender = '', order_no = null where ticket_id in (
    select ticket_id from ticket where member_id = $1 and ticket_id < $3::uuid limit $2
)
"""
_TICKETS_OF_ADDRESSES: Final = """
update ticket set member_id = null, sender = '', order_no = null where ticket_id in (
    select ticket_id from ticket where sender = any($3::bytea[]) and $1::text is not null limit $2
)
"""
_ORDERS: Final = """
delete from platform_order where order_no in (select order_no from platform_order where member_id = $1 limit $2)
"""


def erase() -> Loop:
    """The loop. The member's row and handles go with the tombstone itself."""
    return erasing(
        "intake",
        (
            Erase("contact", _CONTACTS, also="asked"),
            Erase("contact", _CLAIMS, also="asked"),
            Erase("contact", _ADDRESSES, also="addresses"),
            Erase("contact", _WAITING_WORDS),
            Erase("waiting_contact", _WAITING),
            Erase("ticket", _TICKETS, also="first_id"),
            Erase("ticket", _TICKETS_OF_ADDRESSES, also="addresses"),
            Erase("platform_order", _ORDERS),
        ),
    )
