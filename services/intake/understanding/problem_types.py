"""The problem types, rules and signals of an installation: what the rule files may say, and all of it compiled.

``config/understanding.yaml`` holds what all types share (words, guards, signals, thresholds);
``config/problem_types/<id>.yaml`` is one type each, so adding a type is adding a file.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from services.intake.understanding.catalogue import Catalogue
from services.intake.understanding.remarks import NO_REMARKS, Remarks
from services.intake.understanding.rules import Matcher, Rule
from shared.config.rule_model import RuleModel
from shared.contracts.vocabulary import Complexity, Urgency

FACTS = Literal["order_no", "purchased_at", "account", "error_text", "amount"]
"""What a type may require of a member; each is checked by ``missing`` and named in the catalogue."""

_Name = Annotated[str, Field(min_length=1, max_length=80)]
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
_Patterns = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=1_000)], ...], Field(min_length=1)]


class Names(RuleModel):
    """What a type or signal is called, in the two languages people read."""

    zh: _Name
    en: _Name


class RuleSpec(RuleModel):
    """Fires in a sentence that matches one of ``any`` and no guard of ``unless`` (guard names)."""

    id: _Id
    any: _Patterns
    weight: Annotated[float, Field(gt=0, le=5)]
    unless: tuple[str, ...] = ()


class ProblemTypeSpec(RuleModel):
    """One problem type. ``required``: the facts asked for once; ``examples``: sentences that must be understood so.

    ``queue`` is routing's to read: where its tickets wait.
    """

    id: _Id
    names: Names
    description: str
    complexity: Complexity = Complexity.SIMPLE
    urgency: Urgency = Urgency.NORMAL
    queue: str | None = None
    required: tuple[FACTS, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    examples: tuple[str, ...] = ()


class SignalSpec(RuleModel):
    """Something to notice whatever the type. ``human``: the contact goes to a person; ``urgency``: at least this."""

    id: _Id
    names: Names
    any: _Patterns
    unless: tuple[str, ...] = ()
    human: bool = False
    urgency: Urgency = Urgency.NORMAL


class Thresholds(RuleModel):
    """``act`` needs this probability and this lead over the second; ``ask`` needs its own; below it a person reads."""

    act: Annotated[float, Field(gt=0, lt=1)] = 0.6
    lead: Annotated[float, Field(ge=0, lt=1)] = 0.25
    ask: Annotated[float, Field(gt=0, lt=1)] = 0.3
    high_amount: Annotated[float, Field(gt=0)] = 1_000


class RemarksSpec(RuleModel):
    """What asks nobody for anything: a machine's notes, and the words greetings and courtesies are made of."""

    automatic: _Patterns
    greeting: _Patterns
    courtesy: _Patterns


class SharedSpec(RuleModel):
    """``understanding.yaml``: ``words`` are put into patterns as ``<name>``, ``guards`` stop rules by name, ``idioms``
    are read as words of their own, so that no rule looks inside them."""

    words: dict[_Id, str] = Field(default_factory=dict)
    guards: dict[_Id, _Patterns] = Field(default_factory=dict)
    idioms: tuple[str, ...] = ()
    signals: Annotated[tuple[SignalSpec, ...], Field(min_length=1)]
    remarks: RemarksSpec | None = None
    thresholds: Thresholds = Thresholds()


class ProblemTypes:
    """The problem types in force, compiled, and the sentences agents read about them. Immutable; share one between all
    contacts."""

    def __init__(self, types: Sequence[ProblemTypeSpec], shared: SharedSpec, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.types = {kind.id: kind for kind in types}
        self.signals = {signal.id: signal for signal in shared.signals}
        self.thresholds = shared.thresholds
        self.remarks = Remarks.made_of(shared.remarks, shared.words) if shared.remarks else NO_REMARKS
        self.matcher = Matcher(
            tuple(rule for _, rule in _rules(types, shared.signals)),
            guards=shared.guards,
            words=shared.words,
            idioms=shared.idioms,
        )


def _rules(types: Sequence[ProblemTypeSpec], signals: Sequence[SignalSpec]) -> Iterator[tuple[str, Rule]]:
    for kind in types:
        for rule in kind.rules:
            yield kind.id, Rule("type", kind.id, rule.id, rule.any, rule.weight, rule.unless)
    for signal in signals:
        yield signal.id, Rule("signal", signal.id, signal.id, signal.any, 1.0, signal.unless)
