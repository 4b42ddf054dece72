"""`python -m cli.demo`: what `make demo` calls. Exit 0 when the day was played and everything held, else 1."""

import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from cli.app import command_app
from cli.demo.day import play_demo
from cli.errors import CommandError
from cli.output import speak_any_encoding
from deploy.local.errors import StackError

DEFAULT_SEED = 20261015
DEFAULT_CONTACTS = 340

app = command_app()


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Another day: who writes what, and when.")] = DEFAULT_SEED,
    contacts: Annotated[int, typer.Option(min=30, max=2000, help="About so many contacts.")] = DEFAULT_CONTACTS,
) -> None:
    """A busy day of a small platform, start to end, on a stack of its own; leaves nothing running."""
    console = Console(emoji=False)
    try:
        held = play_demo(console, seed=seed, contacts=contacts)
    except (StackError, CommandError) as error:
        _fail(str(error), getattr(error, "hint", "") if isinstance(error, CommandError) else "")
    except KeyboardInterrupt:
        _fail("The demo was interrupted.")
    if not held:
        _fail("The day was played, but not everything holds that must: see the marks above.")


def _fail(reason: str, hint: str = "") -> NoReturn:
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)
    console.print(f"\n{reason}" + (f"\nWhat to do: {hint}" if hint else ""), style="red")
    sys.exit(1)


if __name__ == "__main__":
    speak_any_encoding()
    app()
