"""What the carrier has done, in an append-only file, so that its counts survive its death. Addresses are not in it."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO
from uuid import uuid4

FILE_NAME: Final = "journal.jsonl"


@dataclass(slots=True)
class Sent:
    """One message the carrier took. ``state``: accepted, delivered or undelivered."""

    message_id: str
    out_id: str
    channel: str
    behaviour: str
    taken_at: float
    state: str = "accepted"
    reported: bool = False


class Journal:
    """All messages ever taken. Every change is a line, written before it has any effect outside."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._messages: dict[str, Sent] = {}
        self._by_out_id: dict[str, list[Sent]] = {}
        self._handset: Counter[str] = Counter()
        path = folder / FILE_NAME
        whole = self._replay(path)
        self._file: TextIO = path.open("a", encoding="utf-8")
        if not whole:
            self._file.write("\n")

    def take(self, *, out_id: str, channel: str, behaviour: str) -> Sent:
        """A message is taken; it will be carried out whatever happens now."""
        sent = Sent(uuid4().hex, out_id, channel, behaviour, time.time())
        self._write({"is": "taken", **{name: getattr(sent, name) for name in _TAKEN}})
        self._remember(sent)
        return sent

    def finish(self, sent: Sent, state: str) -> None:
        """The message reached the handset, or never will."""
        self._write({"is": state, "message_id": sent.message_id})
        self._finish(sent, state)

    def report(self, sent: Sent) -> None:
        """The receipt was acknowledged, or given up."""
        self._write({"is": "reported", "message_id": sent.message_id})
        sent.reported = True

    def of(self, out_id: str) -> list[Sent]:
        """The messages taken under this id: more than one means that it was sent more than once."""
        return list(self._by_out_id.get(out_id, ()))

    def unfinished(self) -> list[Sent]:
        """What is still to be delivered or reported."""
        return [sent for sent in self._messages.values() if not sent.reported]

    @property
    def handset(self) -> Counter[str]:
        """What reached handsets: out_id -> how many times."""
        return self._handset

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _replay(self, path: Path) -> bool:
        """Reads what there is. False when the last line was cut off by a crash."""
        if not path.exists():
            return True
        text = path.read_text("utf-8", "replace")
        for entry in _entries(text):
            if entry["is"] == "taken":
                self._remember(Sent(**{name: entry[name] for name in _TAKEN}))
            elif (sent := self._messages.get(entry["message_id"])) is None:
                continue
            elif entry["is"] == "reported":
                sent.reported = True
            else:
                self._finish(sent, entry["is"])
        return not text or text.endswith("\n")

    def _remember(self, sent: Sent) -> None:
        self._messages[sent.message_id] = sent
        self._by_out_id.setdefault(sent.out_id, []).append(sent)

    def _finish(self, sent: Sent, state: str) -> None:
        sent.state = state
        if state == "delivered":
            self._handset[sent.out_id] += 1

    def _write(self, entry: dict[str, object]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


_TAKEN: Final = ("message_id", "out_id", "channel", "behaviour", "taken_at")


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue
