"""Bytes of strangers, made fit for a screen: text when it is text, hex when not, personal data masked."""

from typing import Final

from cli.dead_letters.content import content
from cli.output import visible
from shared.bus.header_names import Header, name_bytes, readable

MOST_BYTES: Final = 4096
"""How much of a text is shown; `--raw` writes all of it."""

MOST_HEX_BYTES: Final = 512

_HEX_ROW = 32


def text_or_hex(data: bytes | None, *, most: int = MOST_BYTES, clear: bool = False) -> str:
    """The bytes for a person: `null`, UTF-8 text, or hex in rows; cut after ``most``, and masked unless ``clear``."""
    if data is None:
        return "null"
    text = content(data, clear=clear)
    if isinstance(text, bytes):
        shown = text[:MOST_HEX_BYTES]
        rows = [shown[start : start + _HEX_ROW].hex(" ") for start in range(0, len(shown), _HEX_ROW)]
        return "hex " + "\n    ".join(rows) + _cut(len(text) - len(shown), "bytes")
    return "\n".join(visible(line) for line in text[:most].split("\n")) + _cut(len(text) - most, "characters")


def header_text(header: Header, *, clear: bool = False) -> str:
    """`name: value` of one header."""
    return f"{_name_text(header[0])}: {text_or_hex(header[1], clear=clear)}"


def _name_text(name: str) -> str:
    """The name; where it is no UTF-8 its bytes as escapes, and the Chinese they most likely are."""
    raw = name_bytes(name)
    try:
        return visible(raw.decode())
    except UnicodeDecodeError:
        pass
    try:
        return f"{visible(readable(name))} (in GBK: {visible(raw.decode('gb18030'))})"
    except UnicodeDecodeError:
        return visible(readable(name))


def _cut(count: int, what: str) -> str:
    return f"\n… {count:,} more {what}" if count > 0 else ""
