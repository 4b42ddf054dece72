"""Numbers that lead to a person: telephones, identity cards, bank cards, however they are written."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from shared.masking.needed import BETWEEN, Span

_MOBILE: Final = re.compile(rf"(?<![0-9])(?:\+|00)?(?:86{BETWEEN})?(1{BETWEEN}[3-9](?:{BETWEEN}[0-9]){{9}})(?![0-9])")
_LANDLINE: Final = re.compile(r"(?<![0-9a-z-])(?:\+?86[ -]?)?\(?0[0-9]{2,3}[)· -]{1,2}[0-9]{7,8}(?![0-9-])")
_INTERNATIONAL: Final = re.compile(r"(?<![0-9a-z])\+[0-9](?:[ -]?[0-9]){6,14}(?![0-9])")
_RUN: Final = re.compile(rf"[0-9](?:{BETWEEN}[0-9]){{6,}}x?")
_WORD: Final = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
    r"|ling|yi|yao|er|liang|san|si|wu|liu|qi|ba|jiu|dong|guai|gou|[0-9])"
)
_SPELLED: Final = re.compile(rf"(?<![a-z0-9]){_WORD}(?:[^a-z0-9\u3400-\u9fff\n\x1e]{{1,3}}{_WORD}){{6,}}(?![a-z0-9])")
"""Digits as words, one after the other: seven of them are no sentence."""
_LINKED: Final = re.compile(r"[0-9]([^0-9\n\x1e])[0-9](?:\1[0-9]){5,}")
"""Single digits with one and the same character between any two."""
_FIRST: Final = 1
_FURTHER: Final = 2
_PLAIN: Final = frozenset("0123456789０１２３４５６７８９")
_CHECK_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def mobiles(folded: str, likely_needed: Sequence[Span]) -> Iterator[Span]:
    """Chinese mobile numbers, without their country code; not what merely reads as one across times and sums."""
    within = bytearray(len(folded) + 1)
    for start, end in likely_needed:
        within[start:end] = bytes([_FIRST]) + bytes([_FURTHER]) * (end - start - 1)
    for found in _MOBILE.finditer(folded):
        start, end = found.span(1)
        cut = within[start] == _FURTHER or within[end] == _FURTHER
        if not cut and any(folded[at].isdigit() and not within[at] for at in range(start, end)):
            yield start, end


def numbers(text: str, folded: str, *, all_runs: bool) -> Iterator[Span]:
    """Other telephones, cards, and runs of disguised digits; with ``all_runs`` every run of seven digits and more."""
    for pattern in (_LANDLINE, _INTERNATIONAL, _LINKED):
        for found in pattern.finditer(folded):
            yield found.span()
    for found in _SPELLED.finditer(folded):
        if any(char.isalpha() for char in found[0]):
            yield found.span()
    for found in _RUN.finditer(folded):
        if all_runs or _is_card(found[0]) or _is_disguised(text[found.start() : found.end()]):
            yield found.span()


def _is_disguised(written: str) -> bool:
    """Whether digits of other kinds than 0-9 are among them: nobody writes an order number so."""
    shapes = {char for char in written if char.isalnum()} - _PLAIN - {"x", "X"}
    return bool(shapes) or any(not char.isascii() and char.isnumeric() and char not in _PLAIN for char in written)


def _is_card(run: str) -> bool:
    number = "".join(char for char in run if char in "0123456789x")
    if len(number) == 18 and _fits_identity_card(number):
        return True
    return 13 <= len(number) <= 19 and number.isdigit() and number[0] in "3456" and _fits_luhn(number)


def _fits_identity_card(number: str) -> bool:
    """ISO 7064 MOD 11-2, as in GB 11643."""
    if not number[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _CHECK_WEIGHTS, strict=True))
    return "10x98765432"[total % 11] == number[17]


def _fits_luhn(number: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
