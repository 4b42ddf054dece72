"""Different ways to write the same digits and letters, folded into one: hiding a number takes more than Unicode."""

import functools
import re
import unicodedata
from typing import Final

_NUMERALS: Final = {
    **dict.fromkeys("零〇洞", "0"),
    **dict.fromkeys("一壹幺弌", "1"),
    **dict.fromkeys("二贰貳两兩廿", "2"),
    **dict.fromkeys("三叁參仨卅", "3"),
    **dict.fromkeys("四肆", "4"),
    **dict.fromkeys("五伍", "5"),
    **dict.fromkeys("六陆陸", "6"),
    **dict.fromkeys("七柒拐", "7"),
    **dict.fromkeys("八捌", "8"),
    **dict.fromkeys("九玖勾", "9"),
}
_LOOK_ALIKES: Final = str.maketrans("oOlIi|zZsSbBeE", "00111122558833")
_MIXED_RUN: Final = re.compile(r"[0-9oOlIi|zZsSbBeE]{7,}")
_HOMOPHONES: Final = {
    **dict.fromkeys("另令灵领", "0"),
    **dict.fromkeys("要妖腰邀", "1"),
    **dict.fromkeys("儿耳尔而", "2"),
    **dict.fromkeys("伞散", "3"),
    **dict.fromkeys("思死斯寺", "4"),
    **dict.fromkeys("舞武吾午", "5"),
    **dict.fromkeys("流溜留", "6"),
    **dict.fromkeys("气妻期其", "7"),
    **dict.fromkeys("爸吧巴扒", "8"),
    **dict.fromkeys("酒久旧就", "9"),
}
_SPOKEN_RUN: Final = re.compile(f"[0-9{''.join(_HOMOPHONES)}]{{7,}}")
_WORDS: Final = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ling": "0",
    "yao": "1",
    "yi": "1",
    "er": "2",
    "san": "3",
    "si": "4",
    "wu": "5",
    "liu": "6",
    "qi": "7",
    "ba": "8",
    "jiu": "9",
}
_WORD_RUN: Final = re.compile(rf"(?<![a-z])(?:(?:{'|'.join(_WORDS)})(?:[^a-z]{{1,3}}|\Z)){{5,}}")
_LETTER: Final = re.compile(
    r"(?:NEGATIVE |REGIONAL INDICATOR SYMBOL )?(?:SQUARED |CIRCLED )?(?:LATIN CAPITAL )?LETTER ([A-Z])"
)
_TILE: Final = re.compile(r"(?:MAHJONG TILE|DIE FACE-)\s*(ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE|[1-6])")
_SIGNS: Final = {"∨": "v", "√": "v", "×": "x", "✕": "x", "✖": "x", "╳": "x"}
_INVISIBLE: Final = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cs"})
_DOTS: Final = re.compile(
    r"(?<=[a-z0-9])(?:\s*(?:[。．｡•·・‧∙۔]|点|[(\[{<（【](?:点|dot|d0t|\.)[)\]}>）】])\s*|\s+d[o0]t\s+)(?=[a-z0-9])"
)


def fold(text: str) -> str:
    """NFKD, lower case, invisible characters and marks out, letters and digits in whatever clothes as a-z and 0-9."""
    folded = []
    for original in text:
        if plain := _in_plain_clothes(original):
            folded.append(plain)
            continue
        for character in unicodedata.normalize("NFKD", original):
            if unicodedata.category(character) not in _INVISIBLE or character in "\n\t":
                digit = unicodedata.digit(character, None)
                folded.append(_NUMERALS.get(character, character) if digit is None else str(digit))
    return "".join(folded).lower()


@functools.cache
def _in_plain_clothes(character: str) -> str:
    """The letter or digit that a symbol shows; empty where it shows none of its own."""
    if character in _SIGNS:
        return _SIGNS[character]
    if character == "\u2800":
        return " "
    name, value = unicodedata.name(character, ""), unicodedata.numeric(character, None)
    if value is not None and value in range(13) and not name.startswith("CJK UNIFIED"):
        return str(int(value))
    if found := _LETTER.fullmatch(name):
        return found[1].lower()
    if found := _TILE.match(name):
        return found[1] if found[1].isdigit() else _WORDS[found[1].lower()]
    return ""


def fold_spoken(folded: str) -> str:
    """Digits that are only heard as such: characters that sound like them in a long run, and their names in words."""
    spoken = _SPOKEN_RUN.sub(lambda run: "".join(_HOMOPHONES.get(one, one) for one in run[0]), folded)
    return _WORD_RUN.sub(lambda run: "".join(_WORDS[word] for word in re.findall("[a-z]+", run[0])), spoken)


def fold_look_alikes(folded: str) -> str:
    """Letters that stand for digits, inside runs that are mostly digits anyway: ``l38oo138ooo``."""

    def replace(run: re.Match[str]) -> str:
        letters = run[0]
        return letters.translate(_LOOK_ALIKES) if sum(letter.isdigit() for letter in letters) >= 2 else letters

    return _MIXED_RUN.sub(replace, folded)


def fold_dots(folded: str) -> str:
    """Every way to write the dot of a host name: ``example点com``, ``example。com``, ``example[.]com``."""
    return _DOTS.sub(".", folded)
