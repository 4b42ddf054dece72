"""Bytes of strangers, made fit for a screen: text when it is text, hex when not, phone numbers masked."""

import re
from typing import Any, Final

from cli.dead_letters.letter import DeadLetter, Header
from cli.output import iso, visible

MOST_BYTES: Final = 4096
"""How much of a value is shown; `--raw` writes all of it."""

_PHONE = re.compile(r"(?<![0-9A-Za-z.])((?:\+|00)?86[ -]?)?(1[3-9][0-9])[ -]?([0-9]{4})[ -]?([0-9]{4})(?![0-9A-Za-z.])")
_HEX_ROW = 32


def text_or_hex(data: bytes | None, *, most: int = MOST_BYTES) -> str:
    """The bytes for a person: `null`, UTF-8 text with phone numbers masked, or hex in rows; cut after ``most``."""
    if data is None:
        return "null"
    cut = f"\n… {len(data) - most:,} more bytes" if len(data) > most else ""
    shown = data[:most]
    try:
        # A character cut in two by `most` does not make a text binary.
        text = shown.decode("utf-8") if not cut else shown[: _whole(shown)].decode("utf-8")
    except UnicodeDecodeError:
        rows = [shown[start : start + _HEX_ROW].hex(" ") for start in range(0, len(shown), _HEX_ROW)]
        return "hex " + "\n    ".join(rows) + cut
    return "\n".join(visible(line) for line in masked(text).split("\n")) + cut


def masked(text: str) -> str:
    """The text with the middle of every Chinese mobile number starred out."""
    return _PHONE.sub(lambda found: f"{found[1] or ''}{found[2]}****{found[4]}", text)


def header_text(header: Header) -> str:
    """`name: value` of one header."""
    return f"{visible(header[0])}: {text_or_hex(header[1], most=MOST_BYTES)}"


def letter_json(letter: DeadLetter, *, with_content: bool = False) -> dict[str, Any]:
    """A letter for programs. Content is masked text, or hex where it is no text."""
    told: dict[str, Any] = {
        "id": str(letter.id),
        "failed_at": iso(letter.failed_at),
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "group": letter.group,
        "key": text_or_hex(letter.key),
        "reason": letter.reason,
        "message": masked(letter.message),
        "attempts": letter.attempts,
        "size": len(letter.value) if letter.value is not None else None,
        "replayed_at": iso(letter.replayed_at),
    }
    if with_content:
        told["headers"] = [[name, None if value is None else text_or_hex(value)] for name, value in letter.headers]
        told["value"] = None if letter.value is None else text_or_hex(letter.value, most=len(letter.value))
    return told


def _whole(data: bytes) -> int:
    """The length of ``data`` without a UTF-8 character that was cut at its end."""
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] >= 0xC0:
            needs = 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4
            return len(data) if back >= needs else len(data) - back
        if data[-back] < 0x80:
            break
    return len(data)
