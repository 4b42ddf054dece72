import asyncio
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from deploy.local.errors import StackError
from deploy.local.kafka import broker_answers
from deploy.local.orphans import processes_of
from deploy.local.postgres import database_answers
from deploy.local.services import Service
from deploy.local.shell_file import read_shell_file
from deploy.local.stack import Stack
from deploy.local.status import stack_status

pytestmark = [pytest.mark.stack, pytest.mark.enable_socket, pytest.mark.xdist_group("local")]

DUMMY = Service("dummy", (sys.executable, str(Path(__file__).with_name("dummy_service.py"))))
# As a caller without servers of their own: the embedded ones are what is tested here.
CALLER = {name: value for name, value in os.environ.items() if name not in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a running stack: both servers and one dummy service."""
    root = tmp_path_factory.mktemp("stack") / "a folder, 客服 100%"
    with stack(root, DUMMY):
        yield root


def stack(root: Path, *services: Service, environment: dict[str, str] = CALLER) -> Stack:
    return Stack(root, services=services, environment=environment, tied_to=os.getpid())


def pid(root: Path, process: str) -> int:
    return int((root / "run" / f"{process}.pid").read_text())


def until(answer: Callable[[], bool], *, seconds: float) -> float:
    """How long it took; fails when it takes longer."""
    started = time.monotonic()
    while not answer():
        assert time.monotonic() - started < seconds
        time.sleep(0.05)
    return time.monotonic() - started


def restarted(root: Path, process: str, dead: int) -> Callable[[], bool]:
    return lambda: pid(root, process) != dead and psutil.pid_exists(pid(root, process))


def test_servers_answer_where_the_file_says(root: Path) -> None:
    """`.local/env` names a broker and a database that answer real clients."""
    env = read_shell_file(root / "env")
    assert asyncio.run(broker_answers(env["KAFKA_BOOTSTRAP_SERVERS"]))
    assert asyncio.run(database_answers(env["DATABASE_URL"]))


def test_second_start_changes_nothing(root: Path) -> None:
    """What runs already is left alone: the same processes at the same addresses, at once."""
    before = {one.process: (one.pid, one.address) for one in stack_status(stack(root).layout)}
    env = (root / "env").read_text()
    started = time.monotonic()
    stack(root, DUMMY).up()
    assert time.monotonic() - started < 2
    assert {one.process: (one.pid, one.address) for one in stack_status(stack(root).layout)} == before
    assert (root / "env").read_text() == env


def test_own_addresses_are_no_strangers(root: Path) -> None:
    """Whoever has read `.local/env` into the shell and starts again keeps the servers of the stack."""
    before = pid(root, "kafka-1"), pid(root, "postgres-1")
    stack(root, DUMMY, environment={**CALLER, **read_shell_file(root / "env")}).up()
    assert (pid(root, "kafka-1"), pid(root, "postgres-1")) == before


def test_killed_service_is_back_within_two_seconds(root: Path) -> None:
    """A process that dies is started again within two seconds, under its old address."""
    dead = pid(root, "dummy-1")
    os.kill(dead, 9)
    until(restarted(root, "dummy-1", dead), seconds=2)
    port = next(
        int(one.address.rpartition(":")[2]) for one in stack_status(stack(root).layout) if one.ready is not None
    )

    def says_its_name() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read() == b"dummy-1"
        except ConnectionError:
            return False
        finally:
            connection.close()

    until(says_its_name, seconds=10)


def test_killed_servers_come_back(root: Path) -> None:
    """A killed broker and a killed database are started again and answer at the same address."""
    env = read_shell_file(root / "env")
    for process in ("postgres-1", "kafka-1"):
        dead = pid(root, process)
        os.kill(dead, 9)
        until(restarted(root, process, dead), seconds=2)
    until(lambda: asyncio.run(database_answers(env["DATABASE_URL"])), seconds=20)
    until(lambda: asyncio.run(broker_answers(env["KAFKA_BOOTSTRAP_SERVERS"])), seconds=30)


def test_scale_adds_and_removes(root: Path) -> None:
    """Another scale starts or stops the difference and touches nothing else."""
    before = pid(root, "dummy-1")
    stack(root, replace(DUMMY, count=3)).up()
    assert [one.process for one in stack_status(stack(root).layout) if one.ready] == ["dummy-1", "dummy-2", "dummy-3"]
    stack(root, DUMMY).up()
    assert [one.process for one in stack_status(stack(root).layout) if one.ready] == ["dummy-1"]
    assert pid(root, "dummy-1") == before
    assert not (root / "run" / "dummy-3.pid").exists()


def test_named_servers_are_used(root: Path, tmp_path: Path) -> None:
    """A broker and a database named by the environment are used, and none are started."""
    named = {name: read_shell_file(root / "env")[name] for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")}
    with stack(tmp_path / "other", DUMMY, environment={**CALLER, **named}) as other:
        assert other.environment().items() >= named.items()
        assert {one.process for one in stack_status(other.layout) if one.pid} == {"dummy-1"}


def test_failing_service_is_told_with_its_log(root: Path, tmp_path: Path) -> None:
    """A service that dies again and again ends the wait early, and the message holds what it said last."""
    named = {name: read_shell_file(root / "env")[name] for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")}
    broken = replace(DUMMY, command=(*DUMMY.command, "no such rule file"))
    with pytest.raises(StackError, match=r"dummy-1 dies again and again(.|\n)*no such rule file"):
        stack(tmp_path / "other", broken, environment={**CALLER, **named}).__enter__()
    assert not list(processes_of(stack(tmp_path / "other").layout))


def test_killed_process_manager_leaves_no_orphans(root: Path) -> None:
    """After the process manager itself was killed, a start takes over and a stop ends everything."""
    orphans = list(processes_of(stack(root).layout))
    assert len(orphans) >= 4
    os.kill(pid(root, "supervisord"), 9)
    stack(root, DUMMY).up()
    assert not [process for process in orphans if process.is_running()]

    left = list(processes_of(stack(root).layout))
    stack(root).down()
    assert not [process for process in left if process.is_running()]
    assert not (root / "env").exists()
    stack(root, DUMMY).up()


def test_stack_ends_with_its_owner(root: Path, tmp_path: Path) -> None:
    """A stack tied to a process is gone soon after that process, however it ended."""
    named = {name: read_shell_file(root / "env")[name] for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")}
    with subprocess.Popen(["sleep", "60"]) as owner:
        tied = Stack(tmp_path / "other", services=(DUMMY,), environment={**CALLER, **named}, tied_to=owner.pid)
        tied.up()
        owner.kill()
    until(lambda: not list(processes_of(tied.layout)), seconds=10)
