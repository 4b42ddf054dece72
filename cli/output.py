"""How commands speak: data to stdout, talk to stderr, colours and wrapping only for people at a terminal."""

import io
import json
import sys
from datetime import datetime
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cli.cells import wrapped
from cli.moments import local_time

_CONTROLS: Final = (*range(0x20), *range(0x7F, 0xA0))
_DIRECTIONS: Final = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SURROGATES: Final = range(0xD800, 0xE000)
_ESCAPES: Final = {code: ascii(chr(code))[1:-1] for code in (*_CONTROLS, *_DIRECTIONS, *_SURROGATES)}
_LEAST_ROOM: Final = 28
_INDENT: Final = "    "


class _DataConsole(Console):
    def on_broken_pipe(self) -> None:
        """Leaves it to the command as a whole, for which an early reader is no failure; rich would exit with 1."""
        raise BrokenPipeError


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None when it is none and nothing must be cut or wrapped."""
    return Console(file=sys.stdout).width if sys.stdout.isatty() else None


def print_lines(*lines: Text | str, style: str = "") -> None:
    """Lines to stdout as they are; their styles only where it is a terminal."""
    console = _DataConsole(file=sys.stdout, highlight=False, markup=False, emoji=False)
    for line in lines:
        console.print(line, style=style, soft_wrap=True)


def print_hanging(head: str, text: str) -> None:
    """``head`` and a text behind it that wraps there, or below where there is no room. Lines of a text stay lines."""
    width = terminal_width()
    if width is None:
        print_lines(head + text)
        return
    margin = cell_len(head) if width - cell_len(head) >= _LEAST_ROOM else len(_INDENT)
    lines = [line for given in text.split("\n") for line in wrapped(given, max(width - margin, 2)).split("\n")]
    if margin < cell_len(head) and width - cell_len(head) < cell_len(text):
        print_lines(head.rstrip())
        head = " " * margin
    print_lines(head + lines[0], *(" " * margin + line for line in lines[1:]))


def say(text: str, *, style: str = "") -> None:
    """A sentence to the person at the keyboard."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    console.print(text, style=style, soft_wrap=not console.is_terminal)


def counted(count: int, noun: str) -> str:
    """`1 ticket`, `2,000 tickets`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def write_json(value: Any) -> None:
    """One line of JSON, at once visible to whoever reads along. A lone surrogate stays the escape it came as."""
    line = json.dumps(value, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def speak_any_encoding() -> None:
    """What the encoding of the terminal lacks is written as an escape, and never an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def shown(value: Any) -> str:
    """A value for a cell; absent is a dash, and what could command a terminal is made visible."""
    if value is None or value == "":
        return "-"
    return local_time(value) if isinstance(value, datetime) else visible(str(value))


def visible(text: str) -> str:
    """The text without the power to move a cursor, change colours or reverse direction: those are shown as escapes."""
    return text.translate(_ESCAPES)
