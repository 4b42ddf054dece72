"""`kefu`: every verb, loaded only when it is called, so that the filters start at once."""

import importlib
import os
import sys
from typing import Any, Final

from typer import Exit
from typer.core import TyperGroup
from typer.main import get_command

from cli.app import command_app
from cli.environment import load_local_stack
from cli.errors import CommandError
from cli.output import say, speak_any_encoding

VERBS: Final = {
    "ticket": "cli.tickets.commands",
    "dead-letters": "cli.dead_letters.commands",
    "topics": "cli.topics.commands",
    "settings": "cli.settings.commands",
    "config": "cli.config.commands",
    "forget": "cli.forgetting.commands",
    "reseal": "cli.resealing.commands",
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

    def invoke(self, ctx: Any) -> Any:
        """Runs the verb. A reader who has had enough (`| head`) is no failure."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
            return done
        except BrokenPipeError:
            # Python must not complain about the closed pipe while it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise Exit(0) from None


app = command_app()


@app.callback(cls=Verbs, no_args_is_help=True)
def kefu() -> None:
    """Kefu Bus from the command line.

    Addresses and keys come from the environment, else from the local stack of this checkout (`make up`).

    Data goes to stdout, talk to stderr; --json writes one JSON object a line. Exit status 0: done; 1: it could not be
    done, and stderr says what to do; 2: asked wrongly; 130: stopped with Ctrl-C.

    \b
    First steps:
      make up                       start everything on this machine
      kefu simulate --contacts 60   let members write and agents answer
      kefu ticket list              look at what became of it
      kefu ticket show TICKET       the story of one ticket
      kefu dead-letters list        what could not be used, and why
    """


def main() -> None:
    """The entry point: exit 0 when done, 1 when it could not be done, 2 when it was asked wrongly."""
    speak_any_encoding()
    try:
        load_local_stack()
        app(prog_name="kefu")
    except CommandError as error:
        say(f"kefu: {error}")
        if error.hint:
            say(f"What to do: {error.hint}")
        sys.exit(1)


if __name__ == "__main__":
    main()
