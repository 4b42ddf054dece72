"""`python -m deploy.local up|down|status|clean`: what the Makefile calls."""

import json
import sys
from dataclasses import asdict, fields
from io import TextIOWrapper
from typing import Annotated, Final

import typer
from rich.console import Console

from deploy.local.errors import StackError
from deploy.local.layout import Layout
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from deploy.local.status import ProcessStatus, print_status, stack_status

app = typer.Typer(
    help=__doc__, add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)
Scale = Annotated[str, typer.Option(envvar="SCALE", help='How many processes, as in "routing=2 sla=3"; default 1.')]
_KEYS: Final = ", ".join(field.name for field in fields(ProcessStatus))


@app.command()
def up(scale: Scale = "") -> None:
    """Start everything, or change it to this scale, and return when it is ready."""
    progress = Progress()
    Stack.of_checkout(scale, progress).up()
    progress.say(f"Ready. Addresses and secrets: {Layout.of_checkout().env}")


@app.command()
def down() -> None:
    """Stop everything; the data stays."""
    progress = Progress()
    Stack.of_checkout(progress=progress).down()
    progress.say("Nothing is running any more. The data stays in its folder; `make clean` drops it.")


@app.command()
def clean() -> None:
    """Stop everything and drop all data, logs and secrets."""
    Stack.of_checkout(progress=Progress()).clean()


@app.command(epilog=f"With --json: one JSON object a line, with {_KEYS}; nothing when nothing runs.")
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """Show what runs."""
    processes = stack_status(Layout.of_checkout())
    if as_json:
        for one in processes:
            typer.echo(json.dumps(asdict(one)))
    elif processes:
        print_status(Console(), processes)
    else:
        Console().print("Nothing is running. `make up` starts it.", highlight=False)


def main() -> None:
    """Runs one command; what went wrong goes to stderr with what to do next, exit 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal's encoding may not have our ticks
    try:
        app()
    except StackError as error:
        Console(stderr=True, soft_wrap=True).print(f"\n{error}", style="red", highlight=False, markup=False)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
