"""The catalogues of what members read: fixed text with typed slots, per language, kind and channel."""

import hashlib
import json
import re
import string
from dataclasses import dataclass
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from services.notify.domain.firewall import scan
from services.notify.domain.ticket import NoticeKind
from services.notify.domain.verifying import Note
from shared.config.rule_model import RuleModel

DEFAULT_LOCALE: Final = "zh-CN"

TICKET_NO: Final = "ticket_no"
HOTLINE: Final = "hotline"
CONTACTS: Final = "contacts"

SMS_SLOTS: Final = frozenset({TICKET_NO, HOTLINE})
PUSH_SLOTS: Final = frozenset({TICKET_NO, CONTACTS})

SMS_CHARACTERS: Final = 268
"""Four segments of 67 characters: what one notice may cost at most, signature and slots included."""

PUSH_TITLE_CHARACTERS: Final = 50
PUSH_CHARACTERS: Final = 1000
LONGEST_TICKET_NO: Final = 24
LONGEST_HOTLINE: Final = 14
PLAIN_NUMBER: Final = re.compile(rf"(?=.{{2,{LONGEST_TICKET_NO}}}\Z)[A-Z]{{1,4}}-?[0-9A-Z]+(?:-[0-9A-Z]+)*\Z")
"""A ticket number that is none of ours: the firewall looks at it."""
SIGNATURE_BRACKETS: Final = 2


def slots_of(text: str) -> list[str]:
    """The names of the slots of a text. Raises ValueError when its braces do not match."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def fixed_part(text: str) -> str:
    """A text with its slots taken out, each leaving a gap."""
    return "\x1f".join(literal for literal, _, _, _ in string.Formatter().parse(text))


def _check(text: str, allowed: frozenset[str], *, needed: frozenset[str]) -> None:
    if any(spec or conversion for _, _, spec, conversion in string.Formatter().parse(text)):
        raise ValueError("a slot is its name in braces and nothing else")
    slots = slots_of(text)
    if unknown := sorted(set(slots) - allowed):
        raise ValueError(f"unknown slots {unknown}; there are {sorted(allowed)}")
    if missing := sorted(needed - set(slots)):
        raise ValueError(f"the slots {missing} are missing")
    if re.search(r"}\s*{", text):
        raise ValueError("two slots stand side by side: carriers refuse that")
    if found := [one for literal, _, _, _ in string.Formatter().parse(text) for one in scan(literal)]:
        raise ValueError(f"the fixed text names a contact or address itself ({', '.join(one.kind for one in found)})")


class PushText(RuleModel):
    """A push: its title and body."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=PUSH_TITLE_CHARACTERS)]
    body: Annotated[str, StringConstraints(min_length=1)]

    @model_validator(mode="after")
    def _is_clean(self) -> Self:
        _check(self.title, frozenset(), needed=frozenset())
        _check(self.body, PUSH_SLOTS, needed=frozenset({TICKET_NO}))
        return self


class Template(RuleModel):
    """The texts of one kind of notice. ``version`` is raised with every change of a word."""

    version: Annotated[int, Field(ge=1)]
    sms: Annotated[str, StringConstraints(min_length=1)]
    push: PushText

    @model_validator(mode="after")
    def _is_clean(self) -> Self:
        _check(self.sms, SMS_SLOTS, needed=SMS_SLOTS)
        if "【" in self.sms or "】" in self.sms:
            raise ValueError("【】 belongs to the signature, which the provider puts in front")
        return self


@dataclass(frozen=True, slots=True, order=True)
class TextName:
    """What a text is known by for good: language, kind of notice, and version."""

    locale: str
    kind: str
    version: int


class TextCatalogue(RuleModel):
    """One language: the signature the carrier has on file, a template for every kind of notice, and what
    verification says."""

    locale: str
    signature: Annotated[str, StringConstraints(min_length=2, max_length=12)]
    templates: dict[NoticeKind, Template]
    verify: dict[Note, Annotated[str, StringConstraints(min_length=1)]]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if missing := [kind.value for kind in NoticeKind if kind not in self.templates]:
            raise ValueError(f"templates are missing for {missing}")
        if missing := [note.value for note in Note if note not in self.verify]:
            raise ValueError(f"what verify says is missing for {missing}")
        for kind, template in self.templates.items():
            fixed = len(fixed_part(template.sms)) + len(self.signature) + SIGNATURE_BRACKETS
            if fixed + LONGEST_TICKET_NO + LONGEST_HOTLINE > SMS_CHARACTERS:
                raise ValueError(f"the SMS of {kind.value} can get longer than {SMS_CHARACTERS} characters")
        return self

    def text_name(self, kind: NoticeKind) -> TextName:
        """What the text of this kind is known by."""
        return TextName(self.locale, kind.value, self.templates[kind].version)

    def text_hash(self, kind: NoticeKind) -> bytes:
        """SHA-256 over every word of this kind that can reach a member, the signature among them.

        Taken anew whenever it is asked for: it is there to find out whether the words are still the same.
        """
        template = self.templates[kind]
        words = [self.signature, template.sms, template.push.title, template.push.body]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).digest()


class TextCatalogues:
    """All languages; Chinese when there is no other."""

    def __init__(self, by_locale: dict[str, TextCatalogue]) -> None:
        self._by_locale = by_locale

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages there are."""
        return tuple(self._by_locale)

    def text_hashes(self) -> dict[TextName, bytes]:
        """All texts there are, by name."""
        return {one.text_name(kind): one.text_hash(kind) for one in self._by_locale.values() for kind in one.templates}

    def of(self, locale: str | None) -> TextCatalogue:
        """The catalogue for a member's locale: the same, the same language, else Chinese."""
        wanted = (locale or DEFAULT_LOCALE).replace("_", "-")
        language = wanted.split("-")[0].lower()
        for name, catalogue in self._by_locale.items():
            if name.lower() == wanted.lower() or name.split("-")[0].lower() == language:
                return catalogue
        return self._by_locale[DEFAULT_LOCALE]
