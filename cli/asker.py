"""Who gives a command, and why: what is shown, released or erased says so where it lies, for whoever audits it."""

import os
from typing import Annotated, Final

import typer

from shared.masking import redacted

MOST: Final = 200

Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, kept beside who did it and when.")]


def asker() -> str:
    """The user of this machine who gives the command. Kafka and the database know who connects, not who sits there."""
    return (os.environ.get("SUDO_USER") or os.environ.get("USER") or f"user {os.getuid()}")[:MOST]


def signed(*, by: str, why: str = "", prefix: str) -> tuple[tuple[str, bytes | None], ...]:
    """The headers that say who did what a record stands for: ``<prefix>_by``, and ``<prefix>_why`` when it is said.

    A reason may name a member; what is private in it is hidden before it is kept.
    """
    said = ((f"{prefix}_why", redacted(why[:MOST]).encode("utf-8", "replace")),) if why else ()
    return ((f"{prefix}_by", by.encode("utf-8", "replace")), *said)
