"""From evidence to a decision: which type, how sure, and whether a machine may go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.intake.understanding.normalise import Normalised
from services.intake.understanding.problem_types import ProblemTypes, Thresholds
from services.intake.understanding.rules import Hit
from shared.contracts.tickets import Candidate
from shared.contracts.vocabulary import Complexity, Outcome, ProblemType

_DOUBT = 1.0
"""Weight of "none of these" against the squared weights of the rules: one rule of weight 1 leaves it open."""
_CANDIDATES = 3
_COMPLEX_MOMENTS = 3
_SECOND_TYPE = 0.35


class Voter(Protocol):
    """Another opinion beside the rules (a trained model, an embedding).

    ``vote`` gives each problem type its calibrated probability, together at most 1; an empty mapping abstains.
    """

    @property
    def name(self) -> str:
        """Which opinion this is, for whoever reads the reasons."""
        ...

    def vote(self, given: Normalised) -> Mapping[str, float]:
        """Problem type -> probability (0 to 1). Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """The type, the likeliest candidates, the outcome, and why."""

    problem_type: str
    candidates: tuple[Candidate, ...]
    outcome: Outcome
    reasons: tuple[str, ...]


def rules_vote(hits: Sequence[Hit]) -> dict[str, float]:
    """The rules' opinion: squared sums of weights, with room left for doubt. Empty when no type rule fired."""
    scores: dict[str, float] = {}
    for hit in hits:
        if hit.rule.kind == "type":
            scores[hit.rule.target] = scores.get(hit.rule.target, 0.0) + hit.rule.weight
    # Squared, so that several rules of one type outweigh single ones of many.
    total = sum(score**2 for score in scores.values()) + _DOUBT
    return {kind: score**2 / total for kind, score in scores.items()}


def decide(votes: Sequence[Mapping[str, float]], thresholds: Thresholds, human: Sequence[str] = ()) -> Decision:
    """Average the votes that do not abstain. ``human`` names the signals that leave the contact to a person."""
    speaking = [vote for vote in votes if vote]
    averaged: dict[str, float] = {}
    for vote in speaking:
        for kind, p in vote.items():
            averaged[kind] = averaged.get(kind, 0.0) + p / len(speaking)
    ranked = sorted(averaged.items(), key=lambda pair: (-pair[1], pair[0]))
    best, p = ranked[0] if ranked else (ProblemType.OTHER.value, 0.0)
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    if p < thresholds.ask:
        best, outcome, why = ProblemType.OTHER.value, Outcome.HUMAN, "not_understood"
    elif p >= thresholds.act and p - second >= thresholds.lead:
        outcome, why = Outcome.ACT, "sure"
    else:
        outcome, why = Outcome.ASK, "in_doubt"
    if human:
        outcome = Outcome.HUMAN
    reasons = (f"type:{why}", *(f"human:{name}" for name in human))
    return Decision(best, _candidates(ranked), outcome, reasons)


def _candidates(ranked: Sequence[tuple[str, float]]) -> tuple[Candidate, ...]:
    """The likeliest few; what is left of certainty is the chance that it is something else."""
    shown = ranked[:_CANDIDATES]
    listed = [Candidate(type=kind, p=round(p, 4)) for kind, p in shown]
    rest = 1.0 - sum(p for _, p in shown)
    if len(listed) < _CANDIDATES and all(kind != ProblemType.OTHER for kind, _ in shown) and rest >= 0.005:
        listed.append(Candidate(type=ProblemType.OTHER.value, p=round(rest, 4)))
    return tuple(sorted(listed, key=lambda candidate: -candidate.p))


def complexity(
    decision: Decision, orders: int, moments: int, highest_amount: float, rules: ProblemTypes
) -> tuple[Complexity, tuple[str, ...]]:
    """Simple or complex, with every reason for complex (empty when simple)."""
    reasons: list[str] = []
    if rules.types[decision.problem_type].complexity == Complexity.COMPLEX:
        reasons.append(f"complex:{decision.problem_type}")
    if orders >= 2:
        reasons.append("complex:several_orders")
    if moments >= _COMPLEX_MOMENTS:
        reasons.append("complex:many_moments")
    if decision.problem_type == ProblemType.REFUND and highest_amount >= rules.thresholds.high_amount:
        reasons.append("complex:high_refund")
    likely = [one for one in decision.candidates if one.type != ProblemType.OTHER and one.p >= _SECOND_TYPE]
    if len(likely) > 1:
        reasons.append("complex:several_matters")
    return (Complexity.COMPLEX if reasons else Complexity.SIMPLE), tuple(reasons)
