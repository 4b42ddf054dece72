"""Causes before effects, on every partition."""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.chaos.invariants.verdict import Evidence, Verdict
from tests.chaos.log import Entry

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "accepted": ("assigned",),
    "declined": ("assigned",),
    "answered": ("accepted",),
    "waiting": ("accepted",),
    "resumed": ("waiting",),
    "resolved": ("accepted",),
    "reopened": ("resolved",),
    "closed": ("resolved",),
    "acknowledged": ("escalated",),
    "escalated": ("breached", "appealed"),
}
"""Which events need one of which before them, as people behave in a run."""

_FIRST_OF_A_NOTICE: Final = ("planned", "suppressed", "expired", "blocked")


def causes_first(evidence: Evidence) -> Verdict:
    """A ticket's log begins with its opening, nothing stands before its cause, each writer's events are in order."""
    breaches: list[str] = []
    for story in evidence.tickets.values():
        breaches += _ticket(story)
    opened_at = {story[0].ticket_id: story[0].at for story in evidence.tickets.values()}
    notices: dict[str, list[Entry]] = {}
    for one in evidence.notices:
        notices.setdefault(one.told["notice_id"], []).append(one)
    for story in notices.values():
        if story[0].verb not in _FIRST_OF_A_NOTICE:
            breaches.append(f"{story[0]}: nobody had planned this notice")
        if story[0].at < opened_at.get(story[0].ticket_id, float("inf")):
            breaches.append(f"{story[0]}: its ticket was not opened yet")
        breaches += _in_order(story)
    found = f"{len(evidence.tickets):,} tickets, {len(notices):,} notices, {len(evidence.told):,} events of tickets"
    return Verdict("causes before effects", found, breaches)


def _ticket(story: Sequence[Entry]) -> list[str]:
    breaches = []
    seen: set[str] = set()
    if story[0].verb != "opened":
        breaches.append(f"{story[0]}: the ticket was not opened yet")
    for one in story:
        needed = NEEDS.get(one.verb)
        if needed and not seen & set(needed):
            breaches.append(f"{one}: there was no {' or '.join(needed)} before")
        seen.add(one.verb)
    return breaches + _in_order(story)


def _in_order(story: Sequence[Entry]) -> list[str]:
    breaches = []
    latest: dict[str, int] = {}
    for one in story:
        if one.sequence <= latest.get(one.source, -1):
            breaches.append(f"{one}: {one.source} had said something later before")
        latest[one.source] = one.sequence
    return breaches
