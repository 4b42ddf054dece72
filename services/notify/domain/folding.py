"""Different ways to write the same digits and letters, folded into one: hiding a number takes more than Unicode."""

import re
import unicodedata
from typing import Final

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
_LOOK_ALIKES: Final = str.maketrans("oOlIi|zZsSbB", "001111225588")
_MIXED_RUN: Final = re.compile(r"[0-9oOlIi|zZsSbB]{7,}")
_INVISIBLE: Final = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cs"})
_DOTS: Final = re.compile(
    r"(?<=[a-z0-9])(?:\s*(?:[。．｡•·]|点|\(dot\)|\[dot\]|\[\.\]|\(\.\))\s*|\s+dot\s+)(?=[a-z0-9])"
)


def fold(text: str) -> str:
    """NFKD, lower case, invisible characters and marks out, every kind of digit as 0-9, Chinese numerals too."""
    folded = []
    for character in unicodedata.normalize("NFKD", text):
        if unicodedata.category(character) in _INVISIBLE and character not in "\n\t":
            continue
        digit = unicodedata.digit(character, None)
        folded.append(_NUMERALS.get(character, character) if digit is None else str(digit))
    return "".join(folded).lower()


def fold_look_alikes(folded: str) -> str:
    """Letters that stand for digits, inside runs that are mostly digits anyway: ``l38oo138ooo``."""

    def replace(run: re.Match[str]) -> str:
        letters = run[0]
        return letters.translate(_LOOK_ALIKES) if sum(letter.isdigit() for letter in letters) >= 2 else letters

    return _MIXED_RUN.sub(replace, folded)


def fold_dots(folded: str) -> str:
    """Every way to write the dot of a host name: ``example点com``, ``example。com``, ``example[.]com``."""
    return _DOTS.sub(".", folded)
