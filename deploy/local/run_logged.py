"""Runs a command of ours to its end, its output in a log file."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_logged(
    command: Sequence[str], log: Path, *, folder: Path, environment: Mapping[str, str] | None = None
) -> bool:
    """Whether it succeeded; what it said stands in `log` alone."""
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603 - the commands are this package's own, and no shell reads them
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    return done.returncode == 0
