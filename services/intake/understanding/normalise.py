"""One spelling for many: what a member typed, made comparable before anything is looked for in it."""

import functools
import re
import unicodedata
from dataclasses import dataclass

import opencc

HEAD, TAIL = 3_000, 1_000
"""Characters read of a long text: its beginning and its end. Nobody needs more to say what is wrong."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\u20e3]"
)
_CUT_END = re.compile(r"(?:(?<![0-9A-Za-z-])|^)[0-9A-Za-z-]{1,80}\Z")
_CUT_START = re.compile(r"\A[0-9A-Za-z-]{1,80}")
_BLANKS = re.compile("[ \t\u3000]+")
_HAN_GAP = re.compile("(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
# OpenCC keeps these apart because both are right somewhere; in support texts they mean the same.
_VARIANTS = str.maketrans({"帐": "账", "裏": "里", "妳": "你", "〇": "零"})


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in one spelling: NFKC, simplified characters, nothing invisible, no lone surrogate, no NUL.

    ``folded`` is ``text`` in lower case, character for character, so a position in one is a position in the other.
    ``unified`` is the text before traditional characters were turned into simplified ones (for the language).
    """

    text: str
    folded: str
    unified: str


def normalise(text: str | None) -> Normalised:
    """Read at most ``HEAD + TAIL`` characters of any string whatever; never raises."""
    text = shortened(text or "", HEAD, TAIL)
    text = _SURROGATES.sub("\ufffd", text)
    # One character can expand to eighteen (U+FDFA), so the cap is applied again afterwards.
    text = unicodedata.normalize("NFKC", text)[: HEAD + TAIL + 1]
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    unified = _HAN_GAP.sub("", _BLANKS.sub(" ", text)).strip()
    simplified = unified if unified.isascii() else _to_simplified().convert(unified).translate(_VARIANTS)
    return Normalised(text=simplified, folded=_fold(simplified), unified=unified)


def shortened(text: str, head: int, tail: int) -> str:
    """The beginning and the end of a text that is longer than both; a number cut in two would be another number."""
    if len(text) <= head + tail:
        return text
    return f"{_CUT_END.sub('', text[:head])}\n{_CUT_START.sub('', text[-tail:])}"


def with_subject(subject: str | None, text: str | None) -> str | None:
    """The subject as the first line of the text: an e-mail may say everything in its subject."""
    return f"{subject}\n{text or ''}" if subject else text


def _fold(text: str) -> str:
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


@functools.cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
