"""Bytes of strangers, made fit for a screen: text when it is text, hex when not, phone numbers masked."""

import re
from typing import Any, Final

from cli.dead_letters.letter import DeadLetter, Header
from cli.output import iso, visible

MOST_BYTES: Final = 4096
"""How much of a text is shown; `--raw` writes all of it."""

MOST_HEX_BYTES: Final = 512

_PHONE = re.compile(r"(?<![0-9A-Za-z.])((?:\+|00)?86[ -]?)?(1[3-9][0-9])[ -]?([0-9]{4})[ -]?([0-9]{4})(?![0-9A-Za-z.])")
_HEX_ROW = 32


def text_or_hex(data: bytes | None, *, most: int = MOST_BYTES) -> str:
    """The bytes for a person: `null`, UTF-8 text with phone numbers masked, or hex in rows; cut after ``most``."""
    if data is None:
        return "null"
    try:
        text = masked(data.decode("utf-8"))
    except UnicodeDecodeError:
        shown = data[:MOST_HEX_BYTES]
        rows = [shown[start : start + _HEX_ROW].hex(" ") for start in range(0, len(shown), _HEX_ROW)]
        return "hex " + "\n    ".join(rows) + _cut(len(data) - len(shown), "bytes")
    return "\n".join(visible(line) for line in text[:most].split("\n")) + _cut(len(text) - most, "characters")


def json_bytes(data: bytes | None) -> str | dict[str, str] | None:
    """The bytes for a program: null, masked text, or `{"hex": …}` when they are no UTF-8."""
    if data is None:
        return None
    try:
        return masked(data.decode("utf-8"))
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def masked(text: str) -> str:
    """The text with the middle of every Chinese mobile number starred out."""
    return _PHONE.sub(lambda found: f"{found[1] or ''}{found[2]}****{found[4]}", text)


def header_text(header: Header) -> str:
    """`name: value` of one header."""
    return f"{visible(header[0])}: {text_or_hex(header[1])}"


def letter_json(letter: DeadLetter, *, with_content: bool = False) -> dict[str, Any]:
    """A letter for programs; its bytes as `json_bytes` gives them."""
    told: dict[str, Any] = {
        "id": str(letter.id),
        "failed_at": iso(letter.failed_at),
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "group": letter.group,
        "key": json_bytes(letter.key),
        "reason": letter.reason,
        "message": masked(letter.message),
        "attempts": letter.attempts,
        "size": len(letter.value) if letter.value is not None else None,
        "replayed_at": iso(letter.replayed_at),
    }
    if with_content:
        told["headers"] = [[name, json_bytes(value)] for name, value in letter.headers]
        told["value"] = json_bytes(letter.value)
    return told


def _cut(count: int, what: str) -> str:
    return f"\n… {count:,} more {what}" if count > 0 else ""
