"""The index behind /v1/verify: entries by a keyed hash of their spelling, so that every look-up takes the same work."""

from datetime import datetime
from typing import Final

from services.notify.domain.directory import Directory, DirectoryEntry, EntryKind
from services.notify.domain.spelling import official_spellings, spellings
from services.notify.domain.verifying import LONGEST, Verdict, verdict_on
from shared.security.sealing import Sealer

_NO_SPELLING: Final = ("\N{REPLACEMENT CHARACTER}",)
"""Looked up for what spells nothing, so that it costs the same."""


class DirectoryIndex:
    """Answers whether a value is ours. Every question costs one hash for each kind of entry, whatever it is."""

    def __init__(self, directory: Directory, sealer: Sealer) -> None:
        self._sealer = sealer
        self._entries = directory.entries
        self._by_hash: dict[bytes, list[DirectoryEntry]] = {}
        for entry in directory.entries:
            for spelling in official_spellings(entry.kind, entry.value):
                self._by_hash.setdefault(self._hash(entry.kind, spelling), []).append(entry)

    def ask(self, value: str, *, tier: str | None, now: datetime) -> Verdict:
        """The answer to somebody of ``tier``; None: nobody who has logged in."""
        found = [
            entry
            for kind in EntryKind
            for spelling in self._spellings(kind, value)
            for entry in self._by_hash.get(self._hash(kind, spelling), ())
        ]
        return verdict_on(value, found, self._entries, tier=tier, now=now)

    def _spellings(self, kind: EntryKind, value: str) -> tuple[str, ...]:
        return (spellings(kind, value) if len(value) <= LONGEST else ()) or _NO_SPELLING

    def _hash(self, kind: EntryKind, spelling: str) -> bytes:
        return self._sealer.blind(f"directory/{kind}", spelling)
