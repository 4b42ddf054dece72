"""Stacks that a run of the tests owns: they end with it, however it ends."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock

from deploy.local.services import PREPARATION, Service
from deploy.local.stack import Stack

RUN_FOLDER: Final = "KEFU_TEST_RUN"
"""The environment variable that names the folder of the run."""


@contextmanager
def owned_by_this_run(name: str, **stack: object) -> Iterator[Stack]:
    """A stack of this run; the process that runs the tests owns it, so that it ends with them however they end."""
    folder = Path(os.environ[RUN_FOLDER])
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with FileLock(folder / f"{name}.lock"):
        servers = Stack(folder / f"stack-{name}", tied_to=owner, **stack)  # type: ignore[arg-type]
        servers.up()
    yield servers


@contextmanager
def whole_stack(name: str, services: Sequence[Service], **stack: object) -> Iterator[Stack]:
    """Everything that `make up` starts, which ends with the tests that use it: idle, it would cost those that follow
    half a core."""
    with owned_by_this_run(name, services=services, preparation=PREPARATION, **stack) as everything:
        yield everything
        everything.down()
