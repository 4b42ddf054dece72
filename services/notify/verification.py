"""The index behind /v1/verify: entries by a keyed hash of their spelling, so that every look-up takes the same work."""

from datetime import datetime

from services.notify.domain.directory import Directory, Entry, EntryKind
from services.notify.domain.verifying import Verdict, canonical, judge
from shared.security.sealing import Sealer


class Verification:
    """Answers whether a value is ours. Every question costs one hash for each kind of entry, whatever it is."""

    def __init__(self, directory: Directory, sealer: Sealer) -> None:
        self._sealer = sealer
        self._by_hash: dict[bytes, list[Entry]] = {}
        for entry in directory.entries:
            self._by_hash.setdefault(self._hash(entry.kind, entry.value), []).append(entry)

    def ask(self, value: str, *, tier: str | None, now: datetime) -> Verdict:
        """The answer to somebody of ``tier``; None: nobody who has logged in."""
        found = [entry for kind in EntryKind for entry in self._by_hash.get(self._hash(kind, value), ())]
        return judge(value, found, tier=tier, now=now)

    def _hash(self, kind: EntryKind, value: str) -> bytes:
        return self._sealer.blind(f"directory/{kind}", canonical(kind, value))
