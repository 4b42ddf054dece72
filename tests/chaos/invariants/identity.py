"""What an event id stands for."""

from shared.contracts import topics
from tests.chaos.invariants.verdict import Evidence, Verdict

OURS = (topics.TICKET.name, topics.NOTICE.name)


def ids_unique(evidence: Evidence) -> Verdict:
    """One id is one event. It may stand in the log twice, word for word: outsiders are told at least once."""
    digests: dict[str, bytes] = {}
    numbers: dict[tuple[str, int], str] = {}
    repeated, breaches = 0, []
    for entry in evidence.log:
        if entry.topic not in OURS or not entry.source:
            continue
        if entry.event_id not in digests:
            digests[entry.event_id] = entry.digest
        elif digests[entry.event_id] == entry.digest:
            repeated += 1
        else:
            breaches.append(f"{entry}: id {entry.event_id} was given to something else before")
        if numbers.setdefault((entry.source, entry.sequence), entry.event_id) != entry.event_id:
            breaches.append(f"{entry}: {entry.source} numbered two events {entry.sequence}")
    found = f"{len(digests):,} events, {repeated:,} of them published again with the same id and content"
    return Verdict("event ids unique", found, breaches)
