"""Processes of the toy, forked off one that has imported everything: a start costs no second and a half."""

import os
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import Final

_FORKS: Final = get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.integration.bus.toy"])


class ForkedToy:
    """One process of the toy, to be waited for, signalled and killed like any other (see ``subprocess.Popen``)."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        log.touch()  # whoever waits for its words may read at once
        self._process = _FORKS.Process(target=_run, args=(dict(environment), log), daemon=True)
        self._process.start()

    def poll(self) -> int | None:
        """Its exit status; None while it lives."""
        self._process.join(0)
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Waits for its end: its exit status, or minus the signal it died of."""
        self._process.join(seconds)
        if (status := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("the toy", seconds or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Sends it a signal, unless it has ended."""
        if self.poll() is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Ends it as a crash would."""
        self._process.kill()


def _run(environment: dict[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(out, stream.fileno())
    from tests.integration.bus.toy import main

    main()
