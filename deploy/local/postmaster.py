"""The lock a database server leaves in its folder, and what it is worth after a power cut."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

LOCK: Final = "postmaster.pid"


def forget_dead_server(data: Path) -> None:
    """Removes the lock of a server that does not live any more. Only while nobody of this stack runs one.

    PostgreSQL itself takes whoever has the number in it for the server, and would not start while that process lives:
    after a power cut, or in a container started anew, it may be anybody.
    """
    lock = data / LOCK
    try:
        # a lone backend, as initdb has, writes its own below zero
        number = abs(int(lock.read_text(encoding="utf-8").split("\n", 1)[0]))
    except (OSError, ValueError):
        return
    if not _serves(number, data):
        lock.unlink(missing_ok=True)


def _serves(number: int, data: Path) -> bool:
    """Whether this process is a server that works in this folder. One that is not ours to ask is not."""
    with suppress(psutil.Error, OSError, OverflowError):
        process = psutil.Process(number)
        return process.name().startswith("postgres") and Path(process.cwd()).samefile(data)
    return False
