"""The last look at what leaves the house: a number, address or messenger that no slot put there stops it.

Everything is refused that is not allowed. Pure: the final text and the spans that slots produced in, findings out.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.notify.domain.folding import fold, fold_dots, fold_look_alikes, fold_spoken

_WALL: Final = "␟"
"""Stands where an allowed span was: it keeps what is left and right of it apart. Folding lets it be."""

_GAP: Final = rf"[^0-9a-z\u4e00-\u9fff{_WALL}]{{0,4}}"
_DIGITS: Final = re.compile(rf"[0-9](?:{_GAP}[十百千和加又再然后跟]{{0,2}}{_GAP}[0-9]){{4,}}")
_TOP: Final = "com|cn|net|org|top|vip|xyz|cc|shop|site|club|online|info|io|me|lol|icu|ru|tk|app|fun|link|live|pro"
_URLS: Final = re.compile(
    r"[a-z][a-z0-9+.-]*:\s*//|(?<![a-z])(?:hxxps?|www|https?)(?![a-z])"
    r"|(?<![a-z])(?:javascript|data|mailto|tel|weixin|intent|sms)\s*:"
    r"|[a-z0-9-]+\.[a-z]{2,}|\w\.(?:中国|网址|公司|网络|网店|在线|商城|集团|手机|网站|商店|我爱你|游戏)"
    rf"|[\w-]+\s*[.,、，]\s*(?:{_TOP})(?![a-z])|[a-z0-9-]+\s+\.\s*[a-z]{{2,}}"
    r"|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)"
    r"|[\w.+-]+\s*(?:@|[(\[{]at[)\]}]|艾特)\s*[\w-]+"
)
_MESSENGERS: Final = re.compile(
    r"[微徽徵薇威]信|微x|薇|v信|v❤|v心|卫星|绿泡泡|[扣蔻抠寇][扣蔻抠寇]|口口|球球|秋秋|企鹅|🐧|q群|q裙|裙号|加群|进群|加裙|电报|飞机"
    r"|抖音|陌陌|钉钉群|旺旺|蝙蝠|闲鱼|小红书|公众号"
    r"|[加➕+]\s*(?:我|v|薇|q|vx|wx|客服)"
    r"|(?<![a-z])(?:vx|wx|v\s*x|w\s*x|q\s*q|tg|wechat|wei\s*xin|weix|tele\s*gram|whatsapp|skype|signal|line\s*[:@]|qq[0-9]*)(?![a-z])"
)
_CONTINUED_AFTER: Final = re.compile(
    r"\s*(?:转|轉|分机|分機|内线|#|ext|再拨|再按|按)\s*[0-9]|\s?[,;*]+\s?[0-9]|[-./·:@?#&=%+~\\_]?[0-9a-z]|[/@?#&=%\\~]"
)
_CONTINUED_BEFORE: Final = re.compile(r"(?:[0-9a-z][-./·:@?#&=%+~\\_]?|[/@?#&=%\\~+])\Z")
_BETWEEN_LETTERS: Final = re.compile(r"[^0-9a-z\u4e00-\u9fff␟]+|丶")
_NEAR: Final = 16
_SQUEEZED: Final = re.compile(r"(?<![a-z0-9])[a-z0-9:/.](?:\s[a-z0-9:/.]){3,}(?![a-z0-9])")
_SCRIPTS: Final = ("LATIN", "CJK", "FULLWIDTH", "DIGIT", "IDEOGRAPHIC", "BOPOMOFO")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not leave. ``kind``: digits, address, messenger or script; the text itself is not kept."""

    kind: str


def scan(text: str, allowed: Iterable[str] = ()) -> tuple[Finding, ...]:
    """What in ``text`` is neither plain words nor one of the ``allowed`` spans; empty when it may go out.

    An allowed span counts only when it stands by itself: another digit beside it makes another number of it.
    """
    rest = _without(text.replace(_WALL, ""), allowed)
    folded = fold(rest)
    dotted = fold_dots(folded)
    found = []
    if any(_DIGITS.search(one) for one in (folded, fold_look_alikes(folded), fold_spoken(folded))):
        found.append(Finding("digits"))
    # also without folding: it can glue a full-width comma to what precedes it and so hide a host
    spelled = _SQUEEZED.sub(lambda run: re.sub(r"\s", "", run[0]), dotted)
    if any(_URLS.search(one) for one in (dotted, spelled, rest.lower())):
        found.append(Finding("address"))
    if _MESSENGERS.search(folded) or _MESSENGERS.search(_BETWEEN_LETTERS.sub("", folded)):
        found.append(Finding("messenger"))
    if any(_is_foreign(character) for character in rest):
        found.append(Finding("script"))
    return tuple(found)


def _without(text: str, allowed: Iterable[str]) -> str:
    """The text with a wall where each allowed span stands by itself. One that goes on is another number or address."""
    for span in sorted(set(allowed), key=len, reverse=True):
        parts = text.split(span) if span else [text]
        joined = parts[0]
        for part in parts[1:]:
            before, after = fold(joined[-_NEAR:]), fold(part[:_NEAR])
            goes_on = _CONTINUED_BEFORE.search(before) or _CONTINUED_AFTER.match(after)
            joined += (span if goes_on else _WALL) + part
        text = joined
    return text


def _is_foreign(character: str) -> bool:
    """A letter of a script our texts never use, such as a Cyrillic one that looks Latin."""
    if not unicodedata.category(character).startswith("L"):
        return False
    return not unicodedata.name(character, "").startswith(_SCRIPTS)
