"""`kefu calendar -`: working time."""

from typing import Annotated

import typer

from cli.app import command_app
from cli.filters.lines import STANDARD_INPUT, filter_lines
from services.sla.domain.calendar_filter import calendar_lines

app = command_app()


@app.command()
def calendar(
    source: Annotated[str, typer.Argument(metavar="FILE", help="One JSON document a line; - is standard input.")] = (
        STANDARD_INPUT
    ),
) -> None:
    """A filter: when something is due, or how long it took.

    Counts working time. One JSON document a line in, one out, in order. Needs no server.

    In: {"id", "calendar", "start", "target_seconds" | "end" | neither, "pauses"?}; times with an
    offset, the calendar as config/calendars.yaml has it.

    Out: {"id", "due"}, {"id", "elapsed_seconds"} or {"id", "open", "next_open"}; {"id", "error"} for a line that cannot
    be used; the lines after it go on, and the exit status stays 0.

    \b
    Example, two working hours from a start on:
      echo '{"calendar": {"timezone": "Asia/Shanghai", "always_open": true},' \\
           '"start": "2026-10-15T17:00:00+08:00", "target_seconds": 7200}' \\
        | kefu calendar -
    """
    filter_lines(source, lambda line: next(calendar_lines([line])))
