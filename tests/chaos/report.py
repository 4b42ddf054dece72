"""The two tables: what was promised and found, and how long the flow stood still after each kind of fault. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from tests.chaos.invariants.verdict import SHOWN, Verdict
from tests.chaos.standstill import Standstill


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of fault: how often it came, and how long contacts waited longer than usual, in seconds."""

    kind: str
    count: int
    p50: float
    p99: float
    longest: float
    where: str


def rows(found: Sequence[Standstill]) -> list[Row]:
    """One row a kind, the longest first."""
    kinds: dict[str, list[Standstill]] = {}
    for one in found:
        kinds.setdefault(one.struck.step.kind, []).append(one)
    table = [_row(kind, of_kind) for kind, of_kind in kinds.items()]
    return sorted(table, key=lambda row: -row.p50)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by ``share`` of them."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def as_text(verdicts: Sequence[Verdict], table: Sequence[Row]) -> str:
    """Both tables for a terminal."""
    lines = [f"{'invariant':30} {'':8} found", ""]
    for verdict in verdicts:
        lines.append(f"{verdict.promise:30} {'holds' if verdict.holds else 'BROKEN':8} {verdict.found}")
        lines += [f"{'':39} {breach}" for breach in verdict.breaches[:SHOWN]]
        if (more := len(verdict.breaches) - SHOWN) > 0:
            lines.append(f"{'':39} and {more} more")
    lines += ["", f"{'the flow stood still, seconds':36} {'faults':>6} {'p50':>6} {'p99':>6} {'max':>6}  mostly at", ""]
    lines += [
        f"{row.kind:36} {row.count:6} {row.p50:6.1f} {row.p99:6.1f} {row.longest:6.1f}  {row.where}" for row in table
    ]
    return "\n".join(lines)


def as_markdown(verdicts: Sequence[Verdict], table: Sequence[Row]) -> str:
    """Both tables for a page."""
    lines = ["| invariant | | found |", "|---|---|---|"]
    lines += [f"| {one.promise} | {'holds' if one.holds else '**broken**'} | {one.found} |" for one in verdicts]
    lines += [
        "",
        "| the flow stood still after | faults | p50 s | p99 s | max s | mostly at |",
        "|---|--:|--:|--:|--:|---|",
    ]
    lines += [
        f"| {row.kind} | {row.count} | {row.p50:.1f} | {row.p99:.1f} | {row.longest:.1f} | {row.where} |"
        for row in table
    ]
    return "\n".join(lines)


def as_json(verdicts: Sequence[Verdict], table: Sequence[Row], found: Sequence[Standstill]) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "invariants": [
            {"promise": one.promise, "holds": one.holds, "found": one.found, "breaches": list(one.breaches)}
            for one in verdicts
        ],
        "standstill": [asdict(row) for row in table],
        "faults": [
            {
                **asdict(one.struck.step),
                "began": one.struck.began,
                "recovered": one.struck.recovered,
                "standstill": round(one.seconds, 3),
                "stage": one.stage,
            }
            for one in found
        ],
    }


def _row(kind: str, found: Sequence[Standstill]) -> Row:
    seconds = [one.seconds for one in found]
    where = Counter(one.stage for one in found).most_common(1)[0][0]
    return Row(kind, len(found), percentile(seconds, 0.5), percentile(seconds, 0.99), max(seconds), where)
