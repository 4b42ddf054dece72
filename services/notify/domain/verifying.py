"""Is this really yours? One spelling for whatever people paste; the answer tells nobody what they may not know."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.notify.domain.directory import Entry, EntryKind
from shared.contracts.ticket_numbers import is_ticket_number

LONGEST: Final = 300
"""Characters of a value that are looked at."""

_SEPARATORS: Final = re.compile(r"[\s\-–—_.()·]+")
_COUNTRY: Final = re.compile(r"(?:\+|00)86")
_MESSENGER: Final = re.compile(r"(?:qq|q|微信|wechat|weixin|vx|v)[\s::号]*", re.IGNORECASE)
_CALL_CODE: Final = re.compile(r"[0-9]{6}\Z")


class Answer(StrEnum):
    """What /v1/verify says."""

    OFFICIAL = "official"
    NOT_IN_DIRECTORY = "not_in_directory"
    LOGIN_TO_CHECK = "login_to_check"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, and the entry when the asker may know it."""

    answer: Answer
    entry: Entry | None = None


def canonical(kind: EntryKind, value: str) -> str:
    """The one spelling of a value, taken as this kind. Never raises; nonsense stays nonsense."""
    text = unicodedata.normalize("NFKC", value[:LONGEST]).strip().lower()
    match kind:
        case EntryKind.TEL:
            bare = _SEPARATORS.sub("", text)
            return _COUNTRY.sub("", bare, count=1) if _COUNTRY.match(bare) else bare
        case EntryKind.URL:
            return _canonical_url(text)
        case EntryKind.IM:
            service, colon, account = text.partition(":")
            bare = account if colon and service.isascii() and service.isalpha() else _MESSENGER.sub("", text, count=1)
            return re.sub(r"\s+", "", bare)
        case EntryKind.EMAIL:
            return text.removeprefix("mailto:")
        case EntryKind.APP_ROUTE:
            return text.rstrip("/")


def judge(value: str, found: list[Entry], *, tier: str | None, now: datetime) -> Verdict:
    """The answer to somebody of ``tier``; None: nobody who has logged in.

    ``found`` are the entries whose spelling is the value's. An entry of another tier is as unknown as a stranger's.
    What only a logged-in page can judge, ticket numbers and call codes, is told by its form alone.
    """
    for entry in found:
        if entry.is_valid(now) and entry.is_for(tier or ""):
            return Verdict(Answer.OFFICIAL, entry)
    bare = unicodedata.normalize("NFKC", value).strip()
    if _CALL_CODE.match(bare) or is_ticket_number(bare.upper()):
        return Verdict(Answer.LOGIN_TO_CHECK)
    return Verdict(Answer.NOT_IN_DIRECTORY)


def _canonical_url(text: str) -> str:
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text).split("#")[0].split("?")[0]
    # what stands before an @ is decoration by which people are fooled: https://official@evil.example
    host, slash, path = bare.partition("/")
    host = host.rpartition("@")[2].partition(":")[0].rstrip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return f"{host}{slash}{path}".rstrip("/")
