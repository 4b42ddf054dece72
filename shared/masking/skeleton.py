"""A text reduced to what disguises have in common, character for character: positions stay.

Every kind of digit becomes 0-9 (full-width, circled, Arabic, Chinese, financial, military), every letter its plain
lower case, every ornament one and the same dot.
"""

import unicodedata
from typing import Final

ORNAMENT: Final = "·"
"""Stands for whatever is neither letter, digit nor one of the marks that end a sentence or open a value."""

_KEPT: Final = frozenset("\n。、【】「」『』《》“”‘’…！？￥¥€£")
_NUMERALS: Final = {
    **dict.fromkeys("零〇洞", "0"),
    **dict.fromkeys("一壹幺弌", "1"),
    **dict.fromkeys("二贰貳两兩", "2"),
    **dict.fromkeys("三叁參仨", "3"),
    **dict.fromkeys("四肆", "4"),
    **dict.fromkeys("五伍", "5"),
    **dict.fromkeys("六陆陸", "6"),
    **dict.fromkeys("七柒拐", "7"),
    **dict.fromkeys("八捌", "8"),
    **dict.fromkeys("九玖勾", "9"),
}
_MOST_REMEMBERED: Final = 20_000


class _Table(dict[int, str]):
    """Filled as characters are met; ``str.translate`` asks it for those it does not know."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = folded
        return folded


def skeleton(text: str) -> str:
    """``text`` folded, of the same length."""
    return text.translate(_FOLDED)


def _fold(character: str) -> str:
    if character in _NUMERALS:
        return _NUMERALS[character]
    if character in _KEPT:
        return character
    if "\U000e0020" <= character <= "\U000e007e":  # tags: ASCII that no font shows
        character = chr(ord(character) - 0xE0000)
    digit = unicodedata.numeric(character, None)
    if digit is not None and digit in range(10) and unicodedata.category(character)[0] == "N":
        return str(int(digit))
    plain = unicodedata.normalize("NFKC", character).lower()
    kind = unicodedata.category(plain[0])[0]
    if kind == "N":
        return plain[0] if plain[0] in "0123456789" else "0"
    if kind == "L":
        return plain[0]
    # whatever expands (⑴ is three characters) is judged by what a reader sees first in it
    digits = [part for part in plain if part in "0123456789"]
    if digits and len(plain) > 1:
        return digits[0]
    if kind == "Z" or plain in "\t\r":
        return " "
    return plain if len(plain) == 1 and plain.isascii() and plain.isprintable() else ORNAMENT


_FOLDED: Final = _Table()
