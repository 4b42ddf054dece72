"""The one spelling of an official contact. What is not exactly one has none: nothing is thrown away to make it fit.

What people type differently and still reach the same is one spelling: blanks around it, the separators, brackets and
country code of a telephone number, the full-width characters of a Chinese keyboard in numbers and accounts, the case of
a host. Whatever else stands before, behind or inside of an official value leads, or may lead, somewhere else.
"""

import re
import unicodedata
from typing import Final

from services.notify.domain.directory import EntryKind

_AROUND: Final = " \t\r\n\u3000"
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DASHES: Final = str.maketrans("‐‑–—", "----")

_TEL: Final = re.compile(r"(?:tel:)?(?:(?:\+|00)86[ -]?)?((?:\([0-9]{2,4}\)[ -]?)?[0-9](?:[ -]?[0-9])*)", re.ASCII)
_URL: Final = re.compile(r"(?i:https://([a-z0-9-]+(?:\.[a-z0-9-]+)+))(/[\w./~-]*)?", re.ASCII)
_EMAIL: Final = re.compile(r"(?:mailto:)?([a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.ASCII)
_ROUTE: Final = re.compile(r"/[\w/-]*", re.ASCII)

_SERVICES: Final = {
    **dict.fromkeys(("qq", "企业qq", "q"), "qq"),
    **dict.fromkeys(("微信", "企业微信", "wechat", "weixin", "wx", "vx", "v"), "wechat"),
}
_NAMED: Final = re.compile(r"(?P<service>[^\W\d_]+?)(?:号码|号|號)?(?::\s*|\s+)(?P<account>[\w.-]+)")
_JOINED: Final = re.compile(r"(?P<service>qq|企业qq|微信|企业微信)(?:号码|号|號)?(?P<account>[0-9]+)")
_BARE: Final = re.compile(r"[\w.-]+")


def spellings(kind: EntryKind, value: str) -> tuple[str, ...]:
    """What the value may be, taken as this kind; nothing when it is not exactly one of them. Never raises.

    An account whose service the asker does not name may be of any: it is spelled without one.
    """
    text = value.strip(_AROUND)
    match kind:
        case EntryKind.TEL:
            found = _TEL.fullmatch(text.translate(_FULL_WIDTH).translate(_DASHES).lower())
            return (re.sub(r"[^0-9]", "", found[1]),) if found else ()
        case EntryKind.URL:
            found = _URL.fullmatch(text)
            return (f"https://{found[1].lower()}{found[2] or '/'}",) if found else ()
        case EntryKind.EMAIL:
            found = _EMAIL.fullmatch(text.lower()) if text.isascii() else None
            return (found[1],) if found else ()
        case EntryKind.APP_ROUTE:
            return (text,) if _ROUTE.fullmatch(text) else ()
        case EntryKind.IM:
            return _account(text.translate(_FULL_WIDTH).lower())


def official_spellings(kind: EntryKind, value: str) -> tuple[str, ...]:
    """All spellings by which an entry of the directory is found."""
    found = spellings(kind, value)
    if kind is EntryKind.IM:
        return (*found, *(one.partition(":")[2] for one in found))
    return found


def _account(text: str) -> tuple[str, ...]:
    if unicodedata.normalize("NFKC", text) != text:
        return ()
    if found := _JOINED.fullmatch(text) or _NAMED.fullmatch(text):
        service = found["service"]
        return (f"{_SERVICES.get(service, service)}:{found['account']}",)
    return (text,) if _BARE.fullmatch(text) else ()
