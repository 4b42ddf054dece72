"""`kefu config check`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.config.checking import check_folder
from cli.config.folder import config_folder
from cli.output import say, write_json

app = typer.Typer(no_args_is_help=True, help="The rule files: problem types, calendars, promises, queues, templates.")


@app.callback()
def config() -> None:
    """The rule files: problem types, calendars, promises, queues, templates."""


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="By default KEFU_CONFIG_DIR, else config.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")] = False,
) -> None:
    """Read every rule file as the services do; every mistake with file, line and reason."""
    files, problems = check_folder(folder or config_folder())
    for problem in problems:
        if as_json:
            write_json({"file": str(problem.file), "line": problem.line, "reason": problem.reason})
        else:
            print(problem)
    if problems:
        say(f"{len(problems)} mistakes.")
        raise typer.Exit(1)
    say(f"config is fine: {len(files)} files")
