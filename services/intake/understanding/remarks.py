"""Greetings, courtesies and machine notes: what a contact is when it asks nobody for anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import re2

from services.intake.understanding.rules import options, spelled_out
from shared.contracts.vocabulary import Remark

_LONGEST = 60
"""Characters of a greeting or a courtesy; whoever writes more has a matter."""
_FIRST_LINES = 300
_BETWEEN = r"[\s,.!?~;:、…^*_·-]*"


class _Spec(Protocol):
    @property
    def automatic(self) -> Sequence[str]: ...
    @property
    def greeting(self) -> Sequence[str]: ...
    @property
    def courtesy(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Remarks:
    """The compiled words of an installation; None where it has none. ``slight``: a greeting or a courtesy."""

    automatic: Any
    greeting: Any
    slight: Any

    @classmethod
    def made_of(cls, spec: _Spec, words: Mapping[str, str]) -> Self:
        """From the patterns of the rule file."""
        return cls(
            automatic=re2.compile(f"(?m:{_either(spec.automatic, words)})", options()),
            greeting=_nothing_but(spec.greeting, words),
            slight=_nothing_but([*spec.greeting, *spec.courtesy], words),
        )

    def is_automatic(self, folded: str) -> bool:
        """Whether a machine wrote it: an absence note, a receipt, a bounce. The first lines tell, subject included."""
        return self.automatic is not None and self.automatic.search(folded[:_FIRST_LINES]) is not None

    def remark(self, folded: str) -> Remark:
        """What a normalised text is. Without a word (a picture alone) it is a greeting: the matter is still to come."""
        if self.is_automatic(folded):
            return Remark.AUTOMATIC
        if len(folded) > _LONGEST or self.slight is None or not self.slight.fullmatch(folded):
            return Remark.MATTER
        if self.greeting.fullmatch(folded):
            return Remark.GREETING
        # 在吗? calls somebody; 到账了? asks for something.
        return Remark.MATTER if "?" in folded else Remark.COURTESY


NO_REMARKS: Final = Remarks(None, None, None)


def _either(patterns: Sequence[str], words: Mapping[str, str]) -> str:
    return "|".join(f"(?:{spelled_out(pattern, words)})" for pattern in patterns)


def _nothing_but(patterns: Sequence[str], words: Mapping[str, str]) -> Any:
    return re2.compile(rf"{_BETWEEN}(?:(?:{_either(patterns, words)}){_BETWEEN})*", options())
