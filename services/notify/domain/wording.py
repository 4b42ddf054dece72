"""What may leave the house: the fixed text of a template in force, character for character, around typed slots.

No disguise matters to this check, because it knows no bad words: it knows the good ones, and refuses all others.
"""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.notify.domain.directory import HOTLINE_NUMBER, Directory, DirectoryEntry, EntryKind
from services.notify.domain.templates import (
    CONTACTS,
    HOTLINE,
    LONGEST_TICKET_NO,
    PLAIN_NUMBER,
    TICKET_NO,
    TextCatalogue,
)
from services.notify.domain.ticket import NoticeKind
from shared.contracts.ticket_numbers import is_ticket_number
from shared.contracts.vocabulary import NoticeChannel

_BETWEEN: Final = "; "


@dataclass(frozen=True, slots=True)
class Span:
    """Where in a text the words of a slot stand: from ``start`` to before ``end``."""

    slot: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Worded:
    """A text made from a template, and where its slots stand. ``entries``: the directory's, that it names."""

    title: str
    text: str
    signature: str
    spans: tuple[Span, ...]
    entries: tuple[str, ...]


def fill(template: str, words: Mapping[str, str]) -> tuple[str, tuple[Span, ...]]:
    """The text of a template with its slots filled, and where they stand."""
    text, spans = "", []
    for literal, slot, _, _ in string.Formatter().parse(template):
        text += literal
        if slot is not None:
            spans.append(Span(slot, len(text), len(text) + len(words[slot])))
            text += words[slot]
    return text, tuple(spans)


def is_worded(worded: Worded, kind: NoticeKind, channel: str, catalogue: TextCatalogue, directory: Directory) -> bool:
    """Whether all of it, title and signature too, is the template's, and each slot holds what its type allows."""
    template = catalogue.templates[kind]
    is_sms = channel == NoticeChannel.SMS
    if worded.title != ("" if is_sms else template.push.title) or worded.signature != (
        catalogue.signature if is_sms else ""
    ):
        return False
    expected = list(string.Formatter().parse(template.sms if is_sms else template.push.body))
    position, spans = 0, iter(worded.spans)
    for literal, slot, _, _ in expected:
        if not worded.text.startswith(literal, position):
            return False
        position += len(literal)
        if slot is None:
            continue
        span = next(spans, None)
        if span is None or (span.slot, span.start) != (slot, position) or span.end < span.start:
            return False
        if not _is_of_its_type(slot, worded.text[span.start : span.end], worded.entries, directory, catalogue.locale):
            return False
        position = span.end
    return position == len(worded.text) and next(spans, None) is None


def contact_words(entries: Sequence[DirectoryEntry], locale: str) -> str:
    """Entries as members read them, one after the other."""
    return _BETWEEN.join(contact_reference(entry, locale) for entry in entries)


def contact_reference(entry: DirectoryEntry, locale: str) -> str:
    """An entry as members read it: what it is, how to reach it, and when."""
    parts = [entry.label(locale)]
    if entry.kind is not EntryKind.APP_ROUTE:
        parts.append(entry.contact())
    if entry.hours:
        parts.append(f"({entry.hours})")
    return " ".join(parts)


def _is_of_its_type(slot: str, words: str, named: Sequence[str], directory: Directory, locale: str) -> bool:
    entries = {entry.id: entry for entry in directory.entries}
    if any(one not in entries for one in named):
        return False
    match slot:
        case _ if slot == TICKET_NO:
            return len(words) <= LONGEST_TICKET_NO and (is_ticket_number(words) or bool(PLAIN_NUMBER.match(words)))
        case _ if slot == HOTLINE:
            return bool(HOTLINE_NUMBER.match(words)) and [entries[one].value for one in named] == [words]
        case _ if slot == CONTACTS:
            return words == contact_words([entries[one] for one in named], locale)
        case _:
            return False
