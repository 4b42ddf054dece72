"""What a section found, for people, for docs/benchmarks.md and for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

BEGIN: Final = "<!-- measured: begin -->"
END: Final = "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that was aimed at: what, what was found, what was wanted, and whether it is so."""

    what: str
    found: str
    wanted: str
    met: bool


@dataclass(frozen=True, slots=True)
class Block:
    """One table: ``columns`` with the first naming the rows. ``figures`` are the same for programs, in base units."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: dict[str, Any]
    goals: tuple[Goal, ...] = ()
    note: str = ""


def goals_block(blocks: Iterable[Block]) -> Block:
    """Every goal of the blocks in one table, which is what to look at first."""
    goals = [goal for block in blocks for goal in block.goals]
    rows = tuple((goal.what, goal.found, goal.wanted, "met" if goal.met else "not met") for goal in goals)
    return Block("Goals", ("what", "measured", "goal", ""), rows, {})


def show(console: Console, blocks: Sequence[Block]) -> None:
    """Prints the blocks one below the other."""
    for block in blocks:
        table = Table(title=block.title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for place, column in enumerate(block.columns):
            table.add_column(column, justify="left" if place == 0 else "right", overflow="fold")
        for row in block.rows:
            table.add_row(*row)
        console.print(table, highlight=False)
        if block.note:
            console.print(block.note, style="dim", highlight=False, soft_wrap=True)
        console.print()


def as_markdown(blocks: Sequence[Block]) -> str:
    """The same as Markdown tables."""
    parts = []
    for block in blocks:
        aligned = ["---", *("---:" for _ in block.columns[1:])]
        lines = [_line(block.columns), _line(aligned), *(_line(row) for row in block.rows)]
        parts += [f"### {block.title}", "\n".join(lines)]
        if block.note:
            parts.append(block.note)
    return "\n\n".join(parts) + "\n"


def write_markdown(path: Path, text: str) -> None:
    """Puts ``text`` between the markers of the file, or makes the file of it where there is none."""
    block = f"{BEGIN}\n\n{text}\n{END}"
    if not path.exists():
        path.write_text(f"{block}\n", "utf-8")
        return
    before, found, rest = path.read_text("utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"{path} has no lines {BEGIN} and {END}; put them where the tables are to be")
    path.write_text(f"{before}{block}{after}", "utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
