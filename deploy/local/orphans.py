"""Processes of a stack that nobody keeps any more, because their process manager was killed."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import psutil

from deploy.local.layout import Layout
from deploy.local.postgres import NAME as POSTGRES
from deploy.local.supervision import MARK

PATIENCE_SECONDS: Final = 25.0


def stop_orphans(layout: Layout) -> int:
    """Ends every process of this stack, politely, then for sure; returns how many there were."""
    found = list(processes_of(layout))
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT if _is_postgres(layout, process) else signal.SIGTERM)
    _, alive = psutil.wait_procs(found, timeout=PATIENCE_SECONDS)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    if layout.run.is_dir():
        for file in layout.run.glob("*.pid"):
            file.unlink(missing_ok=True)
    return len(found)


def processes_of(layout: Layout) -> Iterator[psutil.Process]:
    """Every live process that carries the stack's mark, or that a pid file names and whose command line agrees."""
    named = set(_pids_on_file(layout))
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            # PostgreSQL writes its title over its environment, so for it the command line has to do.
            marked = process.environ().get(MARK) == str(layout.root)
            if marked or (process.pid in named and str(layout.root) in " ".join(process.cmdline())):
                yield process


def _pids_on_file(layout: Layout) -> Iterator[int]:
    for file in layout.run.glob("*.pid"):
        with suppress(OSError, ValueError):
            yield int(file.read_text(encoding="utf-8"))


def _is_postgres(layout: Layout, process: psutil.Process) -> bool:
    """The first process of the server: it takes SIGINT for a fast shutdown and tells its children itself."""
    with suppress(OSError, ValueError):
        return process.pid == int(layout.pid_file(POSTGRES).read_text(encoding="utf-8"))
    return False
