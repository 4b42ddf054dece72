"""Characters nobody sees: between the digits of a number, or the letters of a key, they hide nothing but the number."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from shared.masking.needed import Span

_UNSEEN: Final = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e001f\U000e007f-\U000e0fff]"
)


def has_unseen(text: str) -> bool:
    """Whether there are any; most texts have none, and cost no more than this look."""
    return not text.isascii() and _UNSEEN.search(text) is not None


class VisibleText:
    """What a reader sees of a text, and where it stands in the text itself."""

    def __init__(self, text: str) -> None:
        self._places = [at for at, char in enumerate(text) if not _UNSEEN.match(char)]
        self.text = "".join(text[at] for at in self._places)

    def inside(self, span: Span) -> Span:
        """A stretch of the text as one of what is seen."""
        return bisect_left(self._places, span[0]), bisect_left(self._places, span[1])

    def outside(self, start: int, end: int) -> Span:
        """A stretch of what is seen as one of the text, with everything unseen inside of it."""
        places: Sequence[int] = self._places
        return places[start], places[end - 1] + 1
