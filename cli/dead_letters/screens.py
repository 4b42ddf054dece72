"""Dead letters for people: a list, and one of them whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from cli.dead_letters.letter import DeadLetter
from cli.dead_letters.rendering import header_text, text_or_hex
from cli.moments import local_time
from cli.output import print_hanging, print_lines, visible
from cli.table import Column, write_table
from shared.masking import redacted

_LIST: Final = (
    Column("WHEN", rank=2),
    Column("ID"),
    Column("REASON", rank=1),
    Column("REPLAYED", rank=3),
    Column("BYTES", rank=5, right=True),
    Column("KEY", rank=4),
    Column("MESSAGE", is_text=True),
)


def print_list(letters: Sequence[DeadLetter]) -> None:
    """A row for each letter."""
    write_table(
        _LIST,
        [
            (
                letter.failed_at,
                letter.id,
                letter.reason,
                letter.replayed_at,
                "null" if letter.value is None else f"{len(letter.value):,}",
                text_or_hex(letter.key, most=64),
                redacted(letter.message),
            )
            for letter in letters
        ],
    )


def print_letter(letter: DeadLetter, *, clear: bool = False) -> None:
    """Where it came from, why it is here, its headers and its value."""
    print_lines(str(letter.id), style="bold")
    for label, told in (
        ("from", f"{letter.topic}, partition {letter.partition}, offset {letter.offset}"),
        ("group", letter.group),
        ("reason", letter.reason),
        ("message", redacted(letter.message)),
        ("when", f"{local_time(letter.failed_at)}, attempts: {letter.attempts}"),
        ("replayed", _done(letter.replayed_at, letter.replayed_by) if letter.replayed_at else "no"),
        *(("shown", f"in clear, {_done(one.at, one.by)}{f': {one.why}' if one.why else ''}") for one in letter.shown),
        ("key", text_or_hex(letter.key, clear=clear)),
    ):
        print_hanging(f"  {label:<10}", visible(told))
    print_lines("", Text("Headers", "bold"))
    for header in letter.headers:
        print_hanging("  ", header_text(header, clear=clear))
    size = "" if letter.value is None else f" ({len(letter.value):,} bytes)"
    print_lines("", Text(f"Value{size}", "bold"), text_or_hex(letter.value, clear=clear))


def _done(at: datetime, by: str) -> str:
    return f"{local_time(at)} by {by}" if by else local_time(at)
