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
    widths = [max(map(cell_len, [name, *(row[at].plain for row in cells)])) for at, name in enumerate(names)]
    kept = [at for at, column in enumerate(columns) if not column.is_text]
    text = next((at for at, column in enumerate(columns) if column.is_text), None)
    if width is None:
        everything = [*kept, *([] if text is None else [text])]
        return Laid(
            [
                _line(columns, widths, everything, _heading(names)),
                *(_line(columns, widths, everything, row) for row in cells),
            ],
            [],
        )
    kept = [at for at in kept if columns[at].rank == 0 or any(row[at].plain != "-" for row in cells)]
    if text is not None and all(row[text].plain == "-" for row in cells):
        text = None
    left_out: list[int] = []
    while _total(widths, kept) > width and any(columns[at].rank for at in kept):
        left_out.append(max(kept, key=lambda at: (columns[at].rank, at)))
        kept.remove(left_out[-1])
    hidden = [columns[at].name for at in sorted(left_out)]
    if _total(widths, kept) > width:
        return Laid(_stacked(names, cells, [*kept, *([] if text is None else [text])], width), hidden)
    room = width - _total(widths, kept) - len(_GAP)
    beside = text is not None and room >= min(widths[text], _TEXT_BESIDE)
    heading = _line(columns, widths, kept, _heading(names))
    if beside and text is not None:
        heading = Text.assemble(heading, " " * (_total(widths, kept) - heading.cell_len), _GAP, (names[text], "bold"))
    lines = [heading]
    for row in cells:
        line = _line(columns, widths, kept, row)
        if text is None or row[text].plain == "-":
            lines.append(line)
        elif beside:
            told = _text_lines(columns[text], row[text].plain, room)
            margin = _total(widths, kept) + len(_GAP)
            lines.append(Text.assemble(line, " " * (margin - line.cell_len), told[0]))
            lines += [Text(" " * margin + more) for more in told[1:]]
        else:
            told = _text_lines(columns[text], row[text].plain, width - len(_INDENT))
            lines += [line, *(Text(_INDENT + one, "dim") for one in told)]
    return Laid(lines, hidden)


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


def _heading(names: Sequence[str]) -> list[Text]:
    return [Text(name, "bold") for name in names]


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[at] for at in kept) + len(_GAP) * max(len(kept) - 1, 0)


def _line(columns: Sequence[Column], widths: Sequence[int], kept: Sequence[int], row: Sequence[Text]) -> Text:
    cells = [Text(padded(row[at].plain, widths[at], right=columns[at].right), row[at].style) for at in kept]
    line = Text(_GAP).join(cells)
    line.rstrip()
    return line


def _stacked(names: Sequence[str], cells: Sequence[Sequence[Text]], kept: Sequence[int], width: int) -> list[Text]:
    """Too narrow for a table: a line for each value, a blank one behind each row."""
    margin = max(cell_len(names[at]) for at in kept) + len(_GAP)
    lines: list[Text] = []
    for row in cells:
        lines += [Text.assemble((padded(names[at], margin), "bold"), row[at]) for at in kept]
        lines.append(Text())
    return lines[:-1]


def _text_lines(column: Column, text: str, width: int) -> list[str]:
    if column.one_line:
        return [shortened(text, width)]
    return wrapped(text, width).split("\n")
