"""Waits until processes really answer, and gives up early on those that keep dying."""

import http.client
import time
from collections.abc import Callable, Iterable
from typing import Final

from deploy.local.errors import StackError
from deploy.local.layout import Layout
from deploy.local.ports import HOST
from deploy.local.program import Program
from deploy.local.progress import ProgressStep
from deploy.local.supervision import Supervision

SERVER_SECONDS: Final = 90.0
SERVICE_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.1
# Died and started again this often before it ever answered: it will not.
DEATHS: Final = 3


def wait_for(
    supervision: Supervision,
    layout: Layout,
    answers: dict[str, Callable[[], bool]],
    step: ProgressStep,
    *,
    seconds: float,
) -> None:
    """Returns when every named process answers; raises with the log of one that dies or is too slow."""
    pids: dict[str, set[int]] = {name: set() for name in answers}
    waiting = list(answers)
    deadline = time.monotonic() + seconds
    while True:
        waiting = [name for name in waiting if not answers[name]()]
        if not waiting:
            return
        step.detail(f"waiting for {', '.join(waiting)}")
        known = supervision.processes()
        for name in waiting:
            if name in known and (pid := known[name].pid):
                pids[name].add(pid)
            if len(pids[name]) > DEATHS:
                raise _failure(layout, name, "dies again and again")
        if time.monotonic() > deadline:
            raise _failure(layout, waiting[0], f"did not answer within {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def readiness(programs: Iterable[Program]) -> dict[str, Callable[[], bool]]:
    """For `wait_for`: the `/readyz` of every program that serves HTTP."""
    return {program.name: _readiness_of(program.port) for program in programs if program.serves_http and program.port}


def is_ready(port: int) -> bool:
    """Whether `/readyz` answers 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _readiness_of(port: int) -> Callable[[], bool]:
    return lambda: is_ready(port)


def _failure(layout: Layout, name: str, what: str) -> StackError:
    return StackError(
        f"{name} {what}.", log=layout.log_file(name), hint="read the log; `make down` stops what is running"
    )
