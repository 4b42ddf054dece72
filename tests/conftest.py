"""What all tests share: the servers, started once for the whole run and stopped with it, and a closed network."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from filelock import FileLock
from pytest_socket import disable_socket, enable_socket
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.local.layout import CHECKOUT
from deploy.local.services import PREPARATION, scaled_services
from deploy.local.stack import Stack

RUN_FOLDER: Final = "KEFU_TEST_RUN"
NETWORK_FREE: Final = ("unit", "contract")
"""Folders below tests/ whose tests may not open a socket."""
WHOLE_STACKS: Final = {"chaos": "e2e", "e2e": "e2e"}
"""Whoever runs every service takes turns with whoever else does."""
HURRIED_PROMISES: Final = """
  hurried:
    time: real
    rungs: [{team: supervisor, climb_after: 3s}, {team: technical, climb_after: 3s}, {team: operations}]

policies:
  - {name: hurried_silver, for: {tiers: [silver]}, calendar: always, first_answer: 6s, plan: 8s, next_answer: 5s,
     warn_before: 25%, max_member_pause: 72h, ladder: hurried}
  - {name: hurried_dispute, for: {tiers: [gold], problem_types: [dispute]}, calendar: always, first_answer: 1h,
     plan: 60s, next_answer: 2h, warn_before: 25%, max_member_pause: 72h, ladder: hurried}
  - {name: hurried_gold, for: {tiers: [gold], problem_types: [complaint]}, calendar: always, first_answer: 1h,
     plan: 12s, next_answer: 2h, warn_before: 25%, max_member_pause: 72h, ladder: hurried}
"""


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


@contextmanager
def _owned_by_this_run(name: str, **stack: object) -> Iterator[Stack]:
    """A stack of this run; the process that runs the tests owns it, so that it ends with them however they end."""
    folder = Path(os.environ[RUN_FOLDER])
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with FileLock(folder / f"{name}.lock"):
        servers = Stack(folder / f"stack-{name}", tied_to=owner, **stack)  # type: ignore[arg-type]
        servers.up()
    yield servers


@pytest.fixture(scope="session")
def server_stack() -> Iterator[Stack]:
    """Kafka and PostgreSQL alone, as a stack whose processes a test may kill: they come back by themselves.

    Each worker has its own: tests of the bus leave on its topics what others could not count with.
    """
    with _owned_by_this_run(f"servers-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}") as stack:
        yield stack


@pytest.fixture(scope="session")
def servers(server_stack: Stack) -> dict[str, str]:
    """Kafka and PostgreSQL alone: their addresses as environment variables."""
    return server_stack.environment()


@pytest.fixture(scope="session")
def running_stack() -> Iterator[Stack]:
    """Everything that `make up` starts, with two processes of routing, for the tests that look from outside.

    By the shipped rules, but that agents have all the time of a slow machine to accept, silver and gold members are
    promised things in seconds, and a greeting waits seconds for its matter.
    """
    rules = Path(os.environ[RUN_FOLDER]) / "config"
    shutil.copytree(CHECKOUT / "config", rules, dirs_exist_ok=True)
    queues = rules / "queues.yaml"
    queues.write_text(re.sub(r"accept_seconds: \d+", "accept_seconds: 3600", queues.read_text("utf-8")), "utf-8")
    promises = rules / "promises.yaml"
    promises.write_text(promises.read_text("utf-8").replace("\npolicies:\n", HURRIED_PROMISES), "utf-8")
    environment = {**os.environ, "KEFU_CONFIG_DIR": str(rules), "KEFU_GREETING_WAIT_SECONDS": "10"}
    services = scaled_services("routing=2")
    with _owned_by_this_run("whole", services=services, preparation=PREPARATION, environment=environment) as stack:
        yield stack


@pytest.fixture(scope="session")
def hostile_stack() -> Iterator[Stack]:
    """Everything that `make up` starts, for tests that put onto its topics what no other reader may meet."""
    with _owned_by_this_run("hostile", services=scaled_services(""), preparation=PREPARATION) as stack:
        yield stack
