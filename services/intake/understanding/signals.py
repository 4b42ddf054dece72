"""What must be noticed whatever the problem is: fraud, danger, anger, a wish for a person. Recall comes first."""

from collections.abc import Sequence
from typing import Final

from services.intake.understanding.problem_types import ProblemTypes
from services.intake.understanding.rules import Hit
from shared.contracts.vocabulary import Urgency

_RISING: Final = tuple(Urgency)


def signals(hits: Sequence[Hit], rules: ProblemTypes) -> tuple[str, ...]:
    """The signals that fired, in the order of the rule file. They raise urgency and call a person, never block."""
    fired = {hit.rule.target for hit in hits if hit.rule.kind == "signal"}
    return tuple(name for name in rules.signals if name in fired)


def forces_human(fired: Sequence[str], rules: ProblemTypes) -> tuple[str, ...]:
    """Those of the fired signals that no machine may answer."""
    return tuple(name for name in fired if rules.signals[name].human)


def urgency(problem_type: str, fired: Sequence[str], rules: ProblemTypes) -> Urgency:
    """The highest of what the type and the signals ask for."""
    return most_urgent(rules.types[problem_type].urgency, *(rules.signals[name].urgency for name in fired))


def most_urgent(*levels: Urgency) -> Urgency:
    """The highest of these."""
    return max(levels, key=_RISING.index)
