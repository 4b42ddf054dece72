"""Callers who hide their number: what stands in its place is nobody's address, and no two of them are one person."""

import unicodedata
from typing import Final

from shared.contracts.contacts import Sender

_WORDS: Final = (
    *("anonymous", "unknown", "withheld", "restricted", "private", "unavailable", "blocked", "hidden", "none", "null"),
    *("nil", "undefined", "suppressed", "secret", "no number", "no caller id", "caller id withheld", "payphone"),
    *("unknown caller", "unknown number", "private caller", "private number", "hidden number", "not available"),
    *("number withheld", "withheld number", "anonymous caller", "n/a", "na", "out of area", "out-of-area"),
    *(
        "未知",
        "未知号码",
        "匿名",
        "匿名来电",
        "匿名号码",
        "隐藏",
        "隐藏号码",
        "号码隐藏",
        "隐藏来电",
        "私人号码",
        "私密号码",
    ),
    *("保密", "保密号码", "未显示", "无号码", "无来电显示", "不显示", "未显示号码", "无主叫号码", "无法显示", "不可用"),
)
HIDDEN: Final = frozenset("".join(word.split()).replace("-", "") for word in _WORDS)
"""What exchanges, carriers and handsets put in the place of a number, without blanks and hyphens."""

_KEYS: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
DIALLED: Final = frozenset(
    f"+{word.translate(_KEYS)}" for word in ("anonymous", "restricted", "blocked", "unknown", "unavailable")
)
"""The same words on the keys of a telephone, as some carriers give them (Twilio: +266696687 is ANONYMOUS)."""

_SCHEMES: Final = ("sip:", "sips:", "tel:", "callto:")
_MARKS: Final = str.maketrans("", "", " \t-_.\"'()<>[]")


def hides(sender: Sender) -> bool:
    """Whether the sender's address says that there is none: a word for it, nothing at all, or nothing but zeros."""
    value = unicodedata.normalize("NFKC", sender.value).strip().lower()
    scheme = next((scheme for scheme in _SCHEMES if value.strip("<\" '").startswith(scheme)), None)
    if scheme is not None:
        value = value.partition(scheme)[2]
    if scheme is not None or value.endswith(".invalid"):
        # RFC 3323: sip:anonymous@anonymous.invalid
        value = value.partition(";")[0].partition("@")[0]
    value = value.translate(_MARKS)
    if sender.kind != "phone":
        return value in {"", "anonymous"} or (scheme is not None and value in HIDDEN)
    digits = [char for char in value if char.isdigit()]
    return value in HIDDEN or value in DIALLED or not digits or not any(digit != "0" for digit in digits)
