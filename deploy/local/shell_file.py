"""Small files of `KEY=value` lines in shell syntax: `.local/env` and `.local/secrets`."""

import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path


def read_shell_file(path: Path) -> dict[str, str]:
    """The variables a file sets; none when there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return dict(word.split("=", 1) for word in shlex.split(text, comments=True) if "=" in word)


def write_shell_file(path: Path, variables: Mapping[str, str], *, title: str) -> None:
    """Replaces the file at once, so that nobody ever reads half of it; readable by its owner only."""
    lines = [f"# {title}", *(f"{name}={shlex.quote(value)}" for name, value in variables.items())]
    write_at_once(path, "\n".join(lines) + "\n")


def write_at_once(path: Path, text: str) -> None:
    """Writes a file of mode 0600 beside the old one and puts it in its place."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
