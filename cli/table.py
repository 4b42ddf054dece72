"""Tables that fit the screen: ids stay whole, texts wrap, and the least important columns are left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rich.cells import cell_len
from rich.text import Text

from cli.cells import padded, shortened, wrapped
from cli.moments import common_offset, date_and_time
from cli.output import print_lines, say, shown, terminal_width

_GAP: Final = "  "
_INDENT: Final = "    "
_ABSENT: Final = shown(None)
_TEXT_BESIDE: Final = 36
"""A text has at least so many cells beside its row, else it stands below it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; its cells are never cut.

    ``rank``: 0 for what always stays, of the others the highest is left out first. ``is_text``: wraps, and stands
    below its row where there is no room beside it. ``one_line``: of a text only the first line. A table has one text.
    """

    name: str
    rank: int = 0
    right: bool = False
    is_text: bool = False
    one_line: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    """A table as lines, and the columns there was no room for."""

    lines: list[Text]
    left_out: list[str]


def write_table(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
    """Writes the table to stdout: as wide as the terminal, or for any other reader whole, a line a row."""
    laid = lay_out(columns, rows, terminal_width())
    print_lines(*laid.lines)
    if laid.left_out:
        say(f"No room for {', '.join(laid.left_out)}: widen the terminal, or use --json.", style="dim")


def lay_out(columns: Sequence[Column], rows: Sequence[Sequence[Any]], width: int | None) -> Laid:
    """The lines of a table of at most ``width`` cells; None for no limit."""
    names, cells = _as_text(columns, rows)
    grid = _Grid(columns, names, cells)
    text = next((at for at, column in enumerate(columns) if column.is_text), None)
    kept = [at for at in range(len(columns)) if at != text]
    if width is None:
        everything = kept if text is None else [*kept, text]
        return Laid([grid.line(row, everything) for row in (grid.heading, *cells)], [])
    text = None if text is None or grid.is_empty(text) else text
    kept = [at for at in kept if columns[at].rank == 0 or not grid.is_empty(at)]
    left_out: list[int] = []
    while grid.width(kept) > width and any(columns[at].rank for at in kept):
        left_out.append(max(kept, key=lambda at: (columns[at].rank, at)))
        kept.remove(left_out[-1])
    hidden = [columns[at].name for at in sorted(left_out)]
    if grid.width(kept) > width:
        return Laid(grid.stacked(kept if text is None else [*kept, text]), hidden)
    if text is None:
        return Laid([grid.line(row, kept) for row in (grid.heading, *cells)], hidden)
    room = width - grid.width(kept) - len(_GAP)
    if room >= min(grid.widths[text], _TEXT_BESIDE):
        return Laid([line for row in (grid.heading, *cells) for line in grid.beside(row, kept, text, room)], hidden)
    below = [line for row in cells for line in grid.below(row, kept, text, width - len(_INDENT))]
    return Laid([grid.line(grid.heading, kept), *below], hidden)


class _Grid:
    """The cells of a table and how they become lines; ``kept``: the places of the columns that are shown."""

    def __init__(self, columns: Sequence[Column], names: Sequence[str], cells: Sequence[Sequence[Text]]) -> None:
        self.heading = [Text(name, "bold") for name in names]
        self.widths = [max(cell_len(row[at].plain) for row in (self.heading, *cells)) for at in range(len(columns))]
        self._columns, self._cells = columns, cells

    def is_empty(self, at: int) -> bool:
        return all(row[at].plain == _ABSENT for row in self._cells)

    def width(self, kept: Sequence[int]) -> int:
        return sum(self.widths[at] for at in kept) + len(_GAP) * max(len(kept) - 1, 0)

    def line(self, row: Sequence[Text], kept: Sequence[int]) -> Text:
        cells = [(row[at], padded(row[at].plain, self.widths[at], right=self._columns[at].right)) for at in kept]
        line = Text(_GAP).join(Text(written, cell.style) for cell, written in cells)
        line.rstrip()
        return line

    def beside(self, row: Sequence[Text], kept: Sequence[int], text: int, room: int) -> list[Text]:
        """The row with its text to the right, as many lines as that takes."""
        margin, line = self.width(kept) + len(_GAP), self.line(row, kept)
        first, *more = self._wrapped(row, text, room)
        whole = Text.assemble(line, " " * (margin - line.cell_len), (first, row[text].style))
        whole.rstrip()
        return [whole, *(Text(" " * margin + one) for one in more)]

    def below(self, row: Sequence[Text], kept: Sequence[int], text: int, room: int) -> list[Text]:
        """The row, and its text on lines of its own, if there is any."""
        told = [] if row[text].plain == _ABSENT else self._wrapped(row, text, room)
        return [self.line(row, kept), *(Text(_INDENT + one, "dim") for one in told)]

    def stacked(self, kept: Sequence[int]) -> list[Text]:
        """Too narrow for a table: a line for each value, a blank one between the rows."""
        margin = max(self.heading[at].cell_len for at in kept) + len(_GAP)
        names = [(at, Text(padded(self.heading[at].plain, margin), "bold")) for at in kept]
        return [line for row in self._cells for line in (*(name + row[at] for at, name in names), Text())][:-1]

    def _wrapped(self, row: Sequence[Text], text: int, room: int) -> list[str]:
        if self._columns[text].one_line:
            return [shortened(row[text].plain, room)]
        return wrapped(row[text].plain, room).split("\n")


def _as_text(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> tuple[list[str], list[list[Text]]]:
    """Headings and cells. Times bear their zone, in the heading when it is the same for all."""
    names = [column.name for column in columns]
    cells = [[_cell(value) for value in row] for row in rows]
    for at in range(len(columns)):
        moments = [row[at] for row in rows if isinstance(row[at], datetime)]
        if offset := common_offset(moments):
            names[at] = f"{names[at]} {offset}"
            for given, row in zip(rows, cells, strict=True):
                if isinstance(given[at], datetime):
                    row[at] = Text(date_and_time(given[at]))
    return names, cells


def _cell(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(shown(value))
