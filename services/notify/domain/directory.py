"""The official ways to reach us, and which of them a member may see. Nothing else is ever named to members."""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, StringConstraints, model_validator

from shared.config.rule_model import RuleModel

HOTLINE_NUMBER: Final = re.compile(r"(?:400[-]?[0-9]{3}[-]?[0-9]{4}|95[0-9]{3,6})\Z")
"""The only numbers carriers let into a notice: 400 and 95 numbers."""

_VALUES: Final = {
    "tel": re.compile(r"\+?[0-9][0-9-]{3,18}[0-9]\Z"),
    "url": re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(?:/[\w./-]*)?\Z"),
    "app_route": re.compile(r"/[\w/-]*\Z"),
    "email": re.compile(r"[\w.+-]+@[a-z0-9.-]+\.[a-z]{2,}\Z"),
    "im": re.compile(r"[a-z]+:[\w.-]{3,40}\Z"),
}

EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Hours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d:[0-5]\d|2[0-3]:[0-5]\d|24:00)$")]


class EntryKind(StrEnum):
    """What an entry is. ``app_route`` is a page inside the app; ``im`` values are ``<service>:<id>``."""

    TEL = "tel"
    URL = "url"
    APP_ROUTE = "app_route"
    EMAIL = "email"
    IM = "im"


class Visibility(StrEnum):
    """``public``: anybody may know it. ``tier``: told only to members of these tiers, after they have logged in."""

    PUBLIC = "public"
    TIER = "tier"


class DirectoryEntry(RuleModel):
    """One official way to reach us. Empty ``problem_types`` means any; ``hours`` are local, every day."""

    id: EntryId
    kind: EntryKind
    value: str
    display: dict[str, str]
    visibility: Visibility = Visibility.PUBLIC
    tiers: tuple[str, ...] = ()
    problem_types: tuple[str, ...] = ()
    hours: Hours | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if not _VALUES[self.kind].match(self.value):
            raise ValueError(f"{self.value!r} is not a canonical {self.kind} value")
        if "zh-CN" not in self.display:
            raise ValueError("display needs a zh-CN text")
        if (self.visibility is Visibility.TIER) != bool(self.tiers):
            raise ValueError("tiers are given for visibility tier, and only for it")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("valid_from is not before valid_until")
        return self

    @property
    def is_hotline(self) -> bool:
        """Whether an SMS may name it: a public 400 or 95 number."""
        return (
            self.kind is EntryKind.TEL
            and self.visibility is Visibility.PUBLIC
            and HOTLINE_NUMBER.match(self.value) is not None
        )

    def is_valid(self, now: datetime) -> bool:
        """Whether it is in force."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )

    def is_for(self, tier: str) -> bool:
        """Whether a member of this tier may know it."""
        return self.visibility is Visibility.PUBLIC or tier in self.tiers

    def label(self, locale: str) -> str:
        """What it is called, Chinese when there is no other."""
        return self.display.get(locale) or self.display["zh-CN"]

    def contact(self) -> str:
        """The part people dial, open or write to: the value alone."""
        return self.value.split(":", 1)[1] if self.kind is EntryKind.IM else self.value


class Directory:
    """All entries, in the order they are named to members."""

    def __init__(self, entries: Iterable[DirectoryEntry]) -> None:
        self.entries = tuple(entries)

    def pick(self, *, tier: str, problem_type: str, now: datetime) -> tuple[DirectoryEntry, ...]:
        """What this member may use for this matter: in force, of their tier; made for the matter or the tier first."""
        found = [
            entry
            for entry in self.entries
            if entry.is_valid(now)
            and entry.is_for(tier)
            and (not entry.problem_types or problem_type in entry.problem_types)
        ]
        return tuple(sorted(found, key=_specific_first))

    def hotline(self, *, problem_type: str, now: datetime) -> DirectoryEntry | None:
        """The number an SMS names. Never one of a tier: a phone number may have a new owner, an SMS proves nothing."""
        public = self.pick(tier="", problem_type=problem_type, now=now)
        return next((entry for entry in public if entry.is_hotline), None)


def _specific_first(entry: DirectoryEntry) -> tuple[bool, bool]:
    return not entry.problem_types, entry.visibility is Visibility.PUBLIC
