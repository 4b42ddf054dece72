"""What every verb's app has in common: help as plain text that reads the same on a screen and in a pipe."""

from collections.abc import Iterable
from typing import Annotated

import typer
from typer.models import Default

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")]
"""The option of every reading verb."""


def command_app(about: str = "") -> typer.Typer:
    """An app for one verb, or with ``about`` for a group of them, which alone shows its help."""
    return typer.Typer(
        help=about or Default(None),
        no_args_is_help=bool(about),
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def json_keys(keys: Iterable[str], *, more: str = "") -> str:
    """The paragraph of a help text that says what ``--json`` writes."""
    return f"With --json: one JSON object a line, with {', '.join(keys)}{more}."
