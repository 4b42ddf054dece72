"""`kefu understand -`: what a contact is about."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.app import command_app
from cli.config.folder import config_folder, usable
from cli.filters.lines import STANDARD_INPUT, filter_lines
from services.intake.rules.problem_types import load_problem_types
from services.intake.understanding.filter import understand_lines

app = command_app()


@app.command()
def understand(
    source: Annotated[str, typer.Argument(metavar="FILE", help="One JSON document a line; - is standard input.")] = (
        STANDARD_INPUT
    ),
) -> None:
    """A filter: what the text of a contact is about.

    One JSON document a line in, one out, in order. Needs no server.

    In: {"id", "text", "subject"?, "channel"?, "received_at"?}.

    Out: {"id", "problem_type", "candidates", "outcome", "complexity", "urgency", "order_nos", "amounts", "phones",
    "timeline", "missing", "signals", "language", "remark", …}, or {"id", "error"} for a line that cannot be used; the
    lines after it go on, and the exit status stays 0.

    \b
    Example:
      echo '{"id": "1", "text": "充值没到账"}' | kefu understand -
    """
    rules = usable(load_problem_types, config_folder())
    filter_lines(source, lambda line: next(understand_lines([line], rules, datetime.now(UTC))))
