"""`kefu understand -`: what a contact is about."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.config.folder import config_folder, usable
from cli.filters.lines import STANDARD_INPUT, filter_lines
from services.intake.understanding.filter import understand_lines
from services.intake.understanding.problem_types import load_problem_types

app = typer.Typer()


@app.command()
def understand(
    source: Annotated[str, typer.Argument(metavar="FILE", help="One JSON document a line; - is standard input.")] = (
        STANDARD_INPUT
    ),
) -> None:
    """A filter: a contact's text in, what it is about out. One JSON document a line; needs no server.

    In: {"id", "text", "subject"?, "channel"?, "received_at"?}.
    Out: {"id", "problem_type", "candidates", "outcome", "complexity", "urgency", "order_nos", "amounts", "phones",
    "timeline", "missing", "signals", "language", …} or {"id", "error"}.
    """
    rules = usable(load_problem_types, config_folder())
    filter_lines(source, lambda line: next(understand_lines([line], rules, datetime.now(UTC))))
