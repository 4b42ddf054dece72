"""What really left the house, by the carrier's own count."""

from typing import Final

from tests.chaos.invariants.verdict import Evidence, Verdict

NO_SUCH_NUMBER: Final = "number_invalid"
"""What the carrier says to one member's number; it has no other good reason to reject anything of ours."""


def sent_once(evidence: Evidence) -> Verdict:
    """The carrier took at most one message for every notice, only planned ones, and rejected none without reason."""
    planned = {one.told["notice_id"] for one in evidence.notices if one.verb == "planned"}
    breaches = [f"the carrier took notice {name} {times} times" for name, times in evidence.taken.items() if times > 1]
    breaches += [f"notice {name} arrived {times} times" for name, times in evidence.arrived.items() if times > 1]
    breaches += [f"the carrier took {name}, which nobody planned" for name in evidence.taken.keys() - planned]
    for one in evidence.notices:
        if one.verb in ("accepted", "delivered") and one.told["notice_id"] not in evidence.taken:
            breaches.append(f"{one}: the carrier never took it")
        if one.verb == "rejected" and one.told["reason"] != NO_SUCH_NUMBER:
            breaches.append(f"{one}: the carrier rejected it: {one.told['reason']}")
    if planned and not evidence.arrived:
        breaches.append("notices were planned, but none arrived")
    found = f"{len(planned):,} notices planned, {len(evidence.taken):,} taken, {len(evidence.arrived):,} arrived"
    return Verdict("at most one send an intent", found, breaches)
