"""`kefu`: every verb, loaded only when it is called, so that the filters start at once."""

import importlib
import os
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from cli.environment import load_local_stack
from cli.errors import CommandError

VERBS: Final = {
    "ticket": "cli.tickets.commands",
    "dead-letters": "cli.dead_letters.commands",
    "topics": "cli.topics.commands",
    "settings": "cli.settings.commands",
    "config": "cli.config.commands",
    "token": "cli.tokens",
    "understand": "cli.filters.understand",
    "calendar": "cli.filters.calendar",
    "simulate": "cli.simulation.commands",
}
"""Verb -> the module whose ``app`` it is. A new verb is a new line here."""


class Verbs(TyperGroup):
    """The verbs, each imported when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a verb; None when there is none of that name."""
        if cmd_name not in VERBS:
            return None
        command = get_command(importlib.import_module(VERBS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=Verbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def kefu() -> None:
    """Kefu Bus from the command line.

    Addresses and keys come from the environment, else from the local stack of this checkout (`make up`).
    """


def main() -> None:
    """The entry point: exit 0 when done, 1 when it could not be done, 2 when it was asked wrongly."""
    load_local_stack()
    try:
        app(prog_name="kefu")
    except CommandError as error:
        print(f"kefu: {error}", file=sys.stderr)
        if error.hint:
            print(f"What to do: {error.hint}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read has had enough; Python must not complain about it while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
