"""What was refused: garbage byte for byte, actions with a business reason, and nothing else."""

from collections import Counter
from typing import Final

from shared.contracts import topics
from shared.contracts.services import GROUPS
from tests.chaos.garbage import KEY
from tests.chaos.invariants.verdict import Evidence, Verdict
from tests.chaos.log import Entry

TOO_LATE: Final = frozenset({"wrong_state", "wrong_actor", "unchanged", "target_full", "not_escalated"})
"""Why an action may be refused of somebody who acts on what was true a moment ago."""

_READ_BY: Final = tuple((topic.name, group) for group, read in GROUPS.items() for topic in read)


def garbage_kept(evidence: Evidence) -> Verdict:
    """Every garbage record is in the dead letters of every group that reads its topic, byte for byte, with a reason."""
    letters: dict[tuple[str, str, int, int], list[Entry]] = {}
    for entry in evidence.log:
        if entry.topic.endswith(".dlq") and entry.key.startswith(KEY):
            letters.setdefault(_origin(entry), []).append(entry)
    breaches, thrown = [], 0
    for topic, group in _READ_BY:
        for entry in evidence.log:
            if entry.topic != topic or not entry.key.startswith(KEY):
                continue
            thrown += 1
            found = letters.pop((topic, group, entry.partition, entry.offset), [])
            if not found:
                breaches.append(f"{entry}: {group} lost it")
            breaches += [f"{letter}: is not what came" for letter in found if not _same(entry, letter)]
    breaches += [f"a letter about {origin}, which was never sent" for origin in letters]
    return Verdict("garbage in the dead letters", f"{thrown:,} letters due", breaches)


def nothing_else_refused(evidence: Evidence) -> Verdict:
    """All other dead letters are actions that came too late; every action was judged once, as routing says."""
    reasons: Counter[str] = Counter()
    refused: set[str] = set()
    breaches = []
    for entry in evidence.log:
        if not entry.topic.endswith(".dlq") or entry.key.startswith(KEY):
            continue
        reason = _header(entry, "dlq_exception")
        reasons[reason] += 1
        if entry.topic != topics.ACTION.dead_letters("routing") or reason not in TOO_LATE:
            breaches.append(f"{entry}: {reason}: {_header(entry, 'dlq_message')}")
        refused.add(str((entry.value or {}).get("action_id")))
    for action in sorted(evidence.actions):
        outcome = evidence.outcomes.get(action, "lost")
        if outcome != ("refused" if action in refused else "applied"):
            breaches.append(f"action {action} is {outcome}, {'with' if action in refused else 'without'} a letter")
    told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()) or "none"
    return Verdict("no unexpected dead letters", f"{len(evidence.actions):,} actions; refused: {told}", breaches)


def _origin(letter: Entry) -> tuple[str, str, int, int]:
    topic, _, group = letter.topic.removesuffix(".dlq").rpartition(".")
    return topic, group, int(_header(letter, "dlq_partition")), int(_header(letter, "dlq_offset"))


def _same(came: Entry, letter: Entry) -> bool:
    kept = letter.headers[: len(came.headers)]
    return (came.key, came.raw, came.headers) == (letter.key, letter.raw, kept) and bool(_header(letter, "dlq_message"))


def _header(entry: Entry, name: str) -> str:
    return (dict(entry.headers).get(name) or b"").decode("utf-8", "replace")
