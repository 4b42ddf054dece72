"""How commands speak: data to stdout, talk to stderr, tables and colours only for people."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH: Final = 1000
"""Nothing is cut or wrapped for a program that reads a table."""

_CONTROLS: Final = (*range(0x20), *range(0x7F, 0xA0))
_DIRECTIONS: Final = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SURROGATES: Final = range(0xD800, 0xE000)
_ESCAPES: Final = {code: ascii(chr(code))[1:-1] for code in (*_CONTROLS, *_DIRECTIONS, *_SURROGATES)}


def data_console() -> Console:
    """Where data goes; no colour and no wrapping unless it is a terminal."""
    return Console(
        file=sys.stdout,
        width=None if sys.stdout.isatty() else PIPED_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def say(text: str, *, style: str = "") -> None:
    """A sentence to the person at the keyboard."""
    Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True).print(text, style=style)


def write_json(value: Any) -> None:
    """One line of JSON, at once visible to whoever reads along. A lone surrogate stays the escape it came as."""
    line = json.dumps(value, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def write_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, wide: str = "") -> None:
    """A table; the column ``wide`` may wrap, the others may not."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column != wide, overflow="fold" if column == wide else "ellipsis")
    for row in rows:
        table.add_row(*(value if isinstance(value, Text) else Text(shown(value)) for value in row))
    data_console().print(table)


def shown(value: Any) -> str:
    """A value for a cell; absent is a dash, and what could command a terminal is made visible."""
    if value is None or value == "":
        return "-"
    return local_time(value) if isinstance(value, datetime) else visible(str(value))


def visible(text: str) -> str:
    """The text without the power to move a cursor, change colours or reverse direction: those are shown as escapes."""
    return text.translate(_ESCAPES)


def local_time(at: datetime) -> str:
    """A moment in the time zone of this machine, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def iso(at: datetime | None) -> str | None:
    """A moment for programs: RFC 3339 with offset."""
    return at.isoformat() if at else None
