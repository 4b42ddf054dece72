"""The last look at what leaves the house: a number, address or messenger that no slot put there stops it.

Everything is refused that is not allowed. Pure: the final text and the spans that slots produced in, findings out.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.notify.domain.folding import fold, fold_dots, fold_look_alikes

_WALL: Final = "\x1f"
"""Stands where an allowed span was: it keeps what is left and right of it apart."""

_SEPARATORS: Final = r"[\s\-–—_.·•,，、/\\|()（）+*~'\"]*"
_DIGITS: Final = re.compile(rf"[0-9](?:{_SEPARATORS}[0-9]){{4,}}")
_URLS: Final = re.compile(
    r"[a-z][a-z0-9+.-]*:\s*//|(?<![a-z])(?:hxxps?|www)(?![a-z])"
    r"|[a-z0-9-]+\.[a-z]{2,}|\w\.(?:中国|网址|公司|网络)"
    r"|[a-z0-9-]+\s*\.\s*(?:com|cn|net|org|top|vip|xyz|cc|shop|site|club|online|info|io|me)\b"
    r"|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)"
    r"|[\w.+-]+\s*@\s*[\w-]+"
)
_MESSENGERS: Final = re.compile(
    r"微信|威信|薇信|微x|薇|v信|v❤|卫星号|扣扣|口口号|企鹅号|q群|q裙|裙号|加群|进群|加裙|电报群|纸飞机|抖音|陌陌|钉钉群|旺旺"
    r"|[加➕+]\s*(?:我|v|薇|q|vx|wx|客服)"
    r"|(?<![a-z])(?:vx|wx|v\s*x|q\s*q|wechat|weixin|telegram|whatsapp|skype|qq[0-9]*)(?![a-z])"
)
_SCRIPTS: Final = ("LATIN", "CJK", "FULLWIDTH", "DIGIT", "IDEOGRAPHIC", "BOPOMOFO")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not leave. ``kind``: digits, address, messenger or script; the text itself is not kept."""

    kind: str


def scan(text: str, allowed: Iterable[str] = ()) -> tuple[Finding, ...]:
    """What in ``text`` is neither plain words nor one of the ``allowed`` spans; empty when it may go out.

    An allowed span counts only when it stands by itself: another digit beside it makes another number of it.
    """
    rest = _without(text, allowed)
    folded = fold(rest)
    dotted = fold_dots(folded)
    found = []
    if _DIGITS.search(folded) or _DIGITS.search(fold_look_alikes(folded)):
        found.append(Finding("digits"))
    # also without folding: it can glue a full-width comma to what precedes it and so hide a host
    if _URLS.search(dotted) or _URLS.search(rest.lower()):
        found.append(Finding("address"))
    if _MESSENGERS.search(folded) or _MESSENGERS.search(re.sub(r"[\s._\-*]+", "", folded)):
        found.append(Finding("messenger"))
    if any(_is_foreign(character) for character in rest):
        found.append(Finding("script"))
    return tuple(found)


def _without(text: str, allowed: Iterable[str]) -> str:
    for span in sorted(set(allowed), key=len, reverse=True):
        if span:
            text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(span)}(?![0-9A-Za-z]|[-./·]?[0-9])", _WALL, text)
    return text


def _is_foreign(character: str) -> bool:
    """A letter of a script our texts never use, such as a Cyrillic one that looks Latin."""
    if not unicodedata.category(character).startswith("L"):
        return False
    return not unicodedata.name(character, "").startswith(_SCRIPTS)
