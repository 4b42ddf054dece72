"""The services of the house. The only place where all of them are named; everything that goes over all derives from it.

A further service is one line here and a folder `services/<name>`; `docs/changing.md` walks the way.
"""

from dataclasses import dataclass
from typing import Final

from shared.contracts.topics import ACTION, AGENT, CONTACT, MEMBER, ORDER, TICKET, Topic


@dataclass(frozen=True, slots=True)
class Participant:
    """A service as the others see it; its name is also that of its folder, consumer group, schema and principal.

    ``lets_in``: topics it writes on behalf of outsiders who came to it over HTTP. ``public``: outsiders call it.
    ``seals``: it keeps what is personal, under a data key of its own.
    """

    name: str
    reads: tuple[Topic, ...]
    lets_in: tuple[Topic, ...] = ()
    public: bool = False
    seals: bool = False


PARTICIPANTS: Final = (
    Participant("intake", reads=(MEMBER, ORDER, CONTACT, TICKET), lets_in=(CONTACT,), public=True, seals=True),
    Participant("routing", reads=(MEMBER, AGENT, TICKET, ACTION), seals=True),
    Participant("sla", reads=(MEMBER, TICKET)),
    Participant("notify", reads=(MEMBER, TICKET), public=True, seals=True),
)

SERVICES: Final = tuple(one.name for one in PARTICIPANTS)
SEALING: Final = tuple(one.name for one in PARTICIPANTS if one.seals)
ERASING: Final = tuple(one.name for one in PARTICIPANTS if MEMBER in one.reads)
"""An order to forget a member comes as the end of that member: who hears it keeps something of them."""

PUBLIC: Final = tuple(one.name for one in PARTICIPANTS if one.public)

GROUPS: Final = {one.name: one.reads for one in PARTICIPANTS}
"""Who reads what: consumer group -> topics."""

LET_IN: Final = {one.name: one.lets_in for one in PARTICIPANTS}
"""Who writes what on behalf of outsiders: service -> topics."""

DEAD_LETTERS: Final = tuple(topic.dead_letters(group) for group, topics in GROUPS.items() for topic in topics)
