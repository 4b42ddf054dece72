"""`kefu calendar -`: working time."""

from typing import Annotated

import typer

from cli.filters.lines import STANDARD_INPUT, filter_lines
from services.sla.domain.filter import calendar_lines

app = typer.Typer()


@app.command()
def calendar(
    source: Annotated[str, typer.Argument(metavar="FILE", help="One JSON document a line; - is standard input.")] = (
        STANDARD_INPUT
    ),
) -> None:
    """A filter: a working-time calendar and a start in, when it is due out. One JSON document a line; needs no server.

    In: {"id", "calendar", "start", "target_seconds" | "end" | neither, "pauses"?}.
    Out: {"id", "due"}, {"id", "elapsed_seconds"}, {"id", "open", "next_open"} or {"id", "error"}.
    """
    filter_lines(source, lambda line: next(calendar_lines([line])))
