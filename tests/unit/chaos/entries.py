"""Logs made by hand."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from shared.contracts import topics
from tests.chaos.log import Entry

WRITERS = {"opened": "intake", "amended": "intake", "promised": "sla", "warned": "sla", "breached": "sla"}
WRITERS |= {"escalated": "sla", "planned": "notify", "accepted_by_carrier": "notify"}


def entry(verb: str, ticket: str = "t1", *, topic: str = topics.TICKET.name, source: str = "", **value: Any) -> Entry:
    """An event of a ticket, whose place and numbers ``log`` gives."""
    told = {"ticket_id": ticket, **value}
    writer = source or f"/kefu/{WRITERS.get(verb, 'routing')}"
    return Entry(topic, 0, 0, 0.0, ticket, verb, "", writer, 0, told, repr((verb, told)).encode())


def notice(verb: str, name: str = "n1", ticket: str = "t1", **value: Any) -> Entry:
    """An event of a notice."""
    fields = {"notice_id": name, "reason": None, **value}
    return entry(verb, ticket, topic=topics.NOTICE.name, source="/kefu/notify", **fields)


def log(*entries: Entry) -> list[Entry]:
    """A partition: offsets, times, ids and sequences grow; every id is given once."""
    return list(_numbered(entries))


def life(ticket: str = "t1", contact: str = "c1") -> tuple[Entry, ...]:
    """A ticket as it should be."""
    promise: dict[str, Any] = {"first_answer_due": "1", "plan_due": None, "policy": "p", "calendar": "c"}
    return (
        entry("opened", ticket, contact_id=contact),
        entry("promised", ticket, **promise),
        entry("queued", ticket, queue="order"),
        entry("assigned", ticket, agent_id="A1", attempt=1),
        entry("accepted", ticket, agent_id="A1"),
        entry("answered", ticket),
        entry("resolved", ticket),
    )


def _numbered(entries: Iterable[Entry]) -> Iterable[Entry]:
    for number, one in zip(itertools.count(1), entries, strict=False):
        yield replace(
            one,
            offset=number,
            at=float(number),
            sequence=one.sequence or number,
            event_id=one.event_id or f"id-{number}",
        )
