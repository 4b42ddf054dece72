"""What all tests share: the servers, started once for the whole run and stopped with it, and a closed network."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pytest_socket import disable_socket, enable_socket
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.local.stack import Stack
from tests.stacks import RUN_FOLDER, owned_by_this_run

NETWORK_FREE: Final = ("unit", "contract")
"""Folders below tests/ whose tests may not open a socket."""
WHOLE_STACKS: Final = {"chaos": "e2e", "e2e": "e2e"}
"""Whoever runs every service takes turns with whoever else does."""


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the whole run, known to every worker before it starts."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="kefu-test-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whatever the run started is stopped with it, also when it was interrupted."""
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ[RUN_FOLDER])
        for root in folder.glob("stack-*"):
            if root.is_dir():
                Stack(root).clean()
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that may reach servers are marked, by their folder."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).parts[0] not in NETWORK_FREE:
            item.add_marker(pytest.mark.stack)


class OneWorkerPerStack(LoadScopeScheduling):  # type: ignore[misc]
    """Tests that share a whole stack stay on one worker; the others are spread by folder, or by file without a network.

    What xdist has for this, ``--dist loadgroup``, does nothing under pytest 9.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        kind = file.removeprefix("tests/").split("/")[0]
        return WHOLE_STACKS.get(kind) or (file if kind in NETWORK_FREE else file.rpartition("/")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerPerStack:
    """How the tests are spread over the workers."""
    return OneWorkerPerStack(config, log)


@pytest.fixture(autouse=True)
def _closed_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Unit and contract tests reach nothing outside their process."""
    if request.node.get_closest_marker("stack"):
        enable_socket()
        yield
        return
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(scope="session")
def server_stack() -> Iterator[Stack]:
    """Kafka and PostgreSQL alone, as a stack whose processes a test may kill: they come back by themselves.

    Each worker has its own: tests of the bus leave on its topics what others could not count with.
    """
    with owned_by_this_run(f"servers-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}") as stack:
        yield stack


@pytest.fixture(scope="session")
def servers(server_stack: Stack) -> dict[str, str]:
    """Kafka and PostgreSQL alone: their addresses as environment variables."""
    return server_stack.environment()
