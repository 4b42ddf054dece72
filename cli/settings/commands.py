"""`kefu settings`."""

import os
from typing import Annotated

import typer

from cli.output import say, write_json, write_table
from cli.settings.catalogue import all_settings

app = typer.Typer()


@app.command()
def settings(as_json: Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")] = False) -> None:
    """Every setting: what it does, its default, and its value now; of a secret only whether it is set."""
    found = all_settings()
    if as_json:
        for setting in found:
            write_json(
                {
                    "name": setting.name,
                    "used_by": setting.used_by,
                    "description": setting.description,
                    "default": setting.default,
                    "secret": setting.secret,
                    "value": setting.present(os.environ),
                }
            )
        return
    write_table(
        ("SETTING", "VALUE", "DEFAULT", "USED BY", "MEANING"),
        [
            (
                setting.name,
                setting.present(os.environ),
                "(must be set)" if setting.default is None else setting.default,
                setting.used_by,
                setting.description,
            )
            for setting in found
        ],
        wide="MEANING",
    )
    say("Values are those of this shell and of .local/env; a running service has those it was started with.")
