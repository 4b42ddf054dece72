"""Every topic: its name, key, kind and size. The only place where a topic is spelled."""

from dataclasses import dataclass
from typing import Final

PARTITIONS: Final = 12
"""Partitions of every topic. Equal everywhere, so that a key has the same partition number on each of them."""

MAX_RECORD_BYTES: Final = 4 * 1024 * 1024
"""What the broker takes. More than we use, so that an oversized record becomes a dead letter with a reason."""

MAX_VALUE_BYTES: Final = 1024 * 1024
"""The largest value a service reads; a larger one is dead-lettered."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the contract. ``key`` says in words what records are keyed by."""

    name: str
    key: str
    compacted: bool = False

    def __str__(self) -> str:
        return self.name

    def dead_letters(self, group: str) -> str:
        """The name of the topic where ``group`` puts the records of this one it gave up on."""
        return dead_letter_topic(self.name, group)


def dead_letter_topic(topic: str, group: str) -> str:
    """``<topic>.<group>.dlq``: one for each consumer group, because one may give up on what another can do."""
    return f"{topic}.{group}.dlq"


def numbers_group(group: str) -> str:
    """The group by whose offset Kafka keeps how far the numbers were that a service gave out; nobody reads by it."""
    return f"{group}.numbers"


CONTACT: Final = Topic("support.contact.v1", key="<channel>:<handle>")
TICKET: Final = Topic("support.ticket.v1", key="ticket_id")
ACTION: Final = Topic("support.action.v1", key="ticket_id")
NOTICE: Final = Topic("support.notice.v1", key="ticket_id, else member_id")
MEMBER: Final = Topic("support.member.v1", key="member_id", compacted=True)
ORDER: Final = Topic("support.order.v1", key="order_no", compacted=True)
AGENT: Final = Topic("support.agent.v1", key="agent_id", compacted=True)

OURS: Final = (TICKET, NOTICE)
"""The topics that nobody writes but our services: each event comes out of an outbox, numbered and tagged."""

ALL: Final = (CONTACT, TICKET, ACTION, NOTICE, MEMBER, ORDER, AGENT)
