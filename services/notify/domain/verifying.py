"""Is this really yours? Only what is exactly ours is; the answer tells nobody what they may not know."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from services.notify.domain.directory import DirectoryEntry, EntryKind
from services.notify.domain.folding import fold, fold_dots, fold_look_alikes
from shared.contracts.ticket_numbers import is_ticket_number

LONGEST: Final = 300
"""Characters of a value that are looked at."""

_CALL_CODE: Final = re.compile(r"[0-9]{6}\Z")
_LEAST_DIGITS: Final = 7
"""Of an official number, for another that contains them to be no chance."""


class Answer(StrEnum):
    """What /v1/verify says."""

    OFFICIAL = "official"
    NOT_IN_DIRECTORY = "not_in_directory"
    LOGIN_TO_CHECK = "login_to_check"


class Note(StrEnum):
    """What people are told with the answer. ``imitation``: it is not ours, and is made to look as if it were."""

    OFFICIAL = "official"
    NOT_IN_DIRECTORY = "not_in_directory"
    LOGIN_TO_CHECK = "login_to_check"
    IMITATION = "imitation"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, what is told with it, and the entry when the asker may know it."""

    answer: Answer
    note: Note
    entry: DirectoryEntry | None = None


def verdict_on(
    value: str, found: list[DirectoryEntry], entries: Iterable[DirectoryEntry], *, tier: str | None, now: datetime
) -> Verdict:
    """The answer to somebody of ``tier``; None: nobody who has logged in.

    ``found`` are the entries the value spells. An entry of another tier is as unknown as a stranger's, and what looks
    like it is no imitation. What only a logged-in page can judge, ticket numbers and call codes, is told by its form.
    """
    known = [entry for entry in entries if entry.is_valid(now) and entry.is_for(tier or "")]
    written = value[:LONGEST]
    readings = {fold(written), fold(unquote(written))}
    imitates = [entry for entry in known if any(_contains(reading, entry) for reading in readings)]
    for entry in found:
        if entry in known:
            return Verdict(Answer.OFFICIAL, Note.OFFICIAL, entry)
    bare = unicodedata.normalize("NFKC", value).strip()
    if _CALL_CODE.match(bare) or is_ticket_number(bare.upper()):
        return Verdict(Answer.LOGIN_TO_CHECK, Note.LOGIN_TO_CHECK)
    return Verdict(Answer.NOT_IN_DIRECTORY, Note.IMITATION if imitates else Note.NOT_IN_DIRECTORY)


def _contains(folded: str, entry: DirectoryEntry) -> bool:
    """Whether the host, number or account of an entry stands in a folded value, however it is hidden there."""
    if entry.kind is EntryKind.APP_ROUTE:
        return False
    if entry.kind in (EntryKind.URL, EntryKind.EMAIL):
        host = entry.value.removeprefix("https://").rpartition("@")[2].partition("/")[0]
        return host in re.sub(r"\s", "", fold_dots(folded))
    mark = entry.contact().lower()
    if not mark[-1].isdigit():
        return mark in folded
    digits = re.sub(r"[^0-9]", "", mark)
    return len(digits) >= _LEAST_DIGITS and digits in re.sub(r"[^0-9]", "", fold_look_alikes(folded))
