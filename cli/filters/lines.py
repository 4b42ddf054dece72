"""One line in, one line out, at once: the shell around the filters."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from cli.errors import CommandError

STANDARD_INPUT: Final = "-"

Answer = Callable[[str], str]
"""The answer to one line, without its line end; says itself what is wrong with a line it cannot use."""


def filter_lines(source: str, answer: Answer) -> None:
    """Answers every line of a file, or of standard input for ``-``, in order.

    A line that is empty or not UTF-8 gives ``{"id": null, "error"}``. A reader who leaves early ends it quietly.
    """
    try:
        if source == STANDARD_INPUT:
            if sys.stdin.isatty():
                print("Reading from the keyboard: one JSON document a line; Ctrl-D ends it.", file=sys.stderr)
            _copy(sys.stdin.buffer, sys.stdout.buffer, answer)
            return
        with _opened(source) as file:
            _copy(file, sys.stdout.buffer, answer)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _opened(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise CommandError(
            f"{name} cannot be read: {error.strerror}", hint="Name a file, or - for standard input."
        ) from None


def _copy(source: BinaryIO, out: BinaryIO, answer: Answer) -> None:
    for number, raw in enumerate(source, 1):
        try:
            line = raw.decode("utf-8").strip()
            told = answer(line) if line else _unusable("the line is empty")
        except UnicodeDecodeError as error:
            told = _unusable(f"the line is not UTF-8 at byte {error.start}")
        except Exception as error:  # a bug of ours on one line must not cost the lines after it
            told = _unusable(f"this line found a bug: {type(error).__name__}: {error}")
            print(f"kefu: line {number} found a bug: {error!r}", file=sys.stderr)
        # A lone surrogate cannot be written as UTF-8; its escape says the same in JSON.
        out.write(told.encode("utf-8", "backslashreplace") + b"\n")
        out.flush()


def _unusable(reason: str) -> str:
    return json.dumps({"id": None, "error": reason})
