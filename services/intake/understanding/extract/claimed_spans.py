"""Who has claimed which part of a text: a character belongs to one fact only."""

from dataclasses import dataclass, field

TAKEN = "\x00"
"""Stands in the open text for what is claimed; normalising has removed every real NUL."""

MOST_CLAIMED = 60
"""Sums, and orders, looked for in one text: more is a list, and an event keeps fewer still."""


@dataclass(frozen=True, slots=True)
class ClaimedSpan:
    """A stretch of text and what it is: ``kind`` is secret, ticket, account, phone, order, amount or promotion."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class ClaimedSpans:
    """The text still open to claims (same length as the original) and the claims made on it.

    ``folded`` is ``open`` as ``Normalised`` folds it: ``str.lower`` makes two characters of some (İ), and whatever is
    found behind one would be claimed in the wrong place.
    """

    open: str
    folded: str
    claims: list[ClaimedSpan] = field(default_factory=list)

    def claim(self, kind: str, start: int, end: int) -> None:
        """Take ``[start, end)`` out of the open text."""
        self.claims.append(ClaimedSpan(kind, start, end))
        taken = TAKEN * (end - start)
        self.open = f"{self.open[:start]}{taken}{self.open[end:]}"
        self.folded = f"{self.folded[:start]}{taken}{self.folded[end:]}"
