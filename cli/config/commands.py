"""`kefu config check`."""

from pathlib import Path
from typing import Annotated, TypedDict

import typer

from cli.app import AsJson, command_app, json_keys
from cli.config.checking import check_folder
from cli.config.folder import config_folder
from cli.output import counted, say, write_json

app = command_app("The rule files of the folder config.")


class MistakeJson(TypedDict):
    """What `kefu config check --json` says of a mistake; ``line`` 0 for the file as a whole."""

    file: str
    line: int
    reason: str


@app.callback()
def config() -> None:
    """The rule files: types, calendars, promises, queues, templates."""


@app.command(epilog=json_keys(MistakeJson.__annotations__, more="; nothing when all is well"))
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="By default KEFU_CONFIG_DIR, else config.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read every rule file as the services do.

    Tells every mistake with file, line and reason. Exit status 1 when there is any, so that it can guard a change of
    the rules.

    \b
    Example:
      kefu config check my-rules
    """
    where = folder or config_folder()
    files, problems = check_folder(where)
    for problem in problems:
        if as_json:
            write_json(MistakeJson(file=str(problem.file), line=problem.line, reason=problem.reason))
        else:
            print(problem)
    if problems:
        say(f"{counted(len(problems), 'mistake')} in {where}.")
        raise typer.Exit(1)
    say(f"{where} is fine: {counted(len(files), 'file')}.")
