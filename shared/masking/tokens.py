"""What is private by its own shape: e-mail addresses, signed tokens, passports, card keys in groups."""

import re
from collections.abc import Iterator
from typing import Final

from shared.masking.needed import Span

EMAIL: Final = re.compile(r"(?<![a-z0-9._%+-])([a-z0-9._%+-]{1,64})@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}")
_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        r"(?<![a-z0-9])eyj[a-z0-9_-]{5,}\.[a-z0-9_-]{5,}(?:\.[a-z0-9_-]*)?",
        r"(?<![a-z0-9])whsec_[a-z0-9+/=]{8,}",
    )
)
_PASSPORT: Final = re.compile(r"(?<![a-z0-9-])(?:[degpsh][0-9]{8}|e[a-z][0-9]{7}|[hm][0-9]{10})(?![a-z0-9-])")
_GROUPS: Final = re.compile(r"(?<![a-z0-9-])[a-z0-9]{4,6}(?:-[a-z0-9]{4,6}){2,7}(?![a-z0-9-])")
_KEY: Final = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z0-9-]{10,80}|[A-Za-z0-9_-]{12,80})(?![A-Za-z0-9])")
_MIXED: Final = re.compile(r"(?=(?:[^0-9]*[0-9]){3})[^A-Za-z]*[A-Za-z]")
"""Three digits and a letter, in one step: a text of nothing but telephones offers hundreds of stretches."""


def emails(folded: str) -> Iterator[Span]:
    """The names of e-mail addresses; their hosts stay readable."""
    for found in EMAIL.finditer(folded):
        yield found.span(1)


def tokens(text: str, folded: str, *, all_keys: bool) -> Iterator[Span]:
    """Tokens, passports and keys in groups; with ``all_keys`` whatever mixes letters and digits at a key's length."""
    for shape in _SHAPES:
        for found in shape.finditer(folded):
            yield found.span()
    for pattern in (_PASSPORT, _GROUPS):
        for found in pattern.finditer(folded):
            written = text[found.start() : found.end()]
            if any(char.isdigit() for char in written) and (all_keys or written.isupper()):
                yield found.span()
    if all_keys:
        for found in _KEY.finditer(text):
            if _MIXED.match(found[0]):
                yield found.span()
