"""Whatever the caller's shell is set up for: our own servers and services start all the same, and start again."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from deploy.local.layout import CHECKOUT, Layout
from deploy.local.machine import for_their_database, of_the_machine
from deploy.local.postmaster import LOCK, forget_dead_server
from deploy.local.supervision import daemon_environment

pytestmark = [pytest.mark.stack, pytest.mark.enable_socket, pytest.mark.xdist_group("local")]

THEIR_DATABASE: Final = {
    "PGSSLMODE": "require",
    "PGHOST": "db.example",
    "PGPORT": "1",
    "PGUSER": "somebody",
    "PGPASSWORD": "else",
    "PGDATABASE": "theirs",
    "PGOPTIONS": "-c search_path=theirs",
    "PGTARGETSESSIONATTRS": "standby",
    "PGSERVICE": "theirs",
    "PGDATA": "/nonexistent",
    "PGDATESTYLE": "nonsense",
    "PGCLIENTENCODING": "nonsense",
}
SETTINGS: Final = {
    **THEIR_DATABASE,
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "LC_ALL": "zh_CN.GBK",
    "LANG": "tr_TR.ISO-8859-9",
    "TZ": "Nowhere/At_All",
    "PYTHONIOENCODING": "gbk",
    "JAVA_TOOL_OPTIONS": "-Dfile.encoding=GBK",
    "KAFKA_OPTS": "-XX:NoSuchOption",
    "CLASSPATH": "/nonexistent",
}
FEW: Final = "intake=0 routing=0 sla=0 notify=1"


def local(
    root: Path, command: str, settings: Mapping[str, str], *, umask: int = 0o022
) -> subprocess.CompletedProcess[str]:
    """`python -m deploy.local` with a command, as a shell with these settings runs it."""
    ours = {
        name: value for name, value in os.environ.items() if name not in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")
    }
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", command],
        cwd=CHECKOUT,
        env={**ours, "KEFU_LOCAL_DIR": str(root), "SCALE": FEW, **settings},
        umask=umask,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=240,
    )


def test_started_from_a_shell_for_other_servers(tmp_path: Path) -> None:
    """Settings for other servers, a strange locale and a strict umask change nothing, nor does a lock left behind."""
    root = tmp_path / "stack"
    try:
        up = local(root, "up", SETTINGS, umask=0o077)
        assert (up.returncode, "Traceback" in up.stdout + up.stderr) == (0, False), up.stdout + up.stderr
        assert local(root, "down", SETTINGS).returncode == 0
        lock = root / "postgres" / LOCK
        lock.write_text(f"{os.getpid()}\n{root / 'postgres'}\n1700000000\n26000\n\n127.0.0.1\n", encoding="utf-8")
        again = local(root, "up", SETTINGS)
        assert again.returncode == 0, again.stdout + again.stderr
    finally:
        local(root, "clean", {})


def test_nothing_of_the_shell_reaches_a_process_of_ours() -> None:
    """Nothing of what a shell is set up for reaches a process of ours; what the machine needs does."""
    kept = daemon_environment(Layout(Path("/a")), {**SETTINGS, "PATH": "/bin", "HOME": "/root", "MAKEFLAGS": "-k"})
    changed = {"LANG", "TZ"}
    assert SETTINGS.keys() & kept.keys() == changed
    assert all(kept[name] != SETTINGS[name] for name in changed)
    assert (kept["PATH"], kept["HOME"]) == ("/bin", "/root")


def test_a_database_of_theirs_is_reached_their_way() -> None:
    """What a shell says about reaching PostgreSQL is kept for a database the shell names, and is not lost."""
    assert for_their_database({**SETTINGS, "PATH": "/bin"})["PGSSLMODE"] == "require"
    assert "PGSSLMODE" not in of_the_machine(SETTINGS)


@pytest.mark.parametrize("content", ["", "nonsense", "4194303\n", "mine\n", "1\n", "-1\n", "0\n"])
def test_a_lock_that_locks_nothing(tmp_path: Path, content: str) -> None:
    """A lock that names nobody, somebody else, or a process that is no server of this folder is taken away."""
    lock, content = tmp_path / LOCK, content.replace("mine", str(os.getpid()))
    lock.write_text(content, encoding="utf-8")
    forget_dead_server(tmp_path)
    readable = content.strip("-\n").isdigit()
    assert lock.exists() != readable


def test_the_lock_of_a_live_server_stays(tmp_path: Path) -> None:
    """A server that works in the folder keeps its lock, whoever runs it."""
    program = tmp_path / "postgres"
    program.symlink_to("/bin/sleep")
    server = subprocess.Popen([program, "60"], cwd=tmp_path)
    try:
        lock = tmp_path / LOCK
        lock.write_text(f"{server.pid}\n", encoding="utf-8")
        forget_dead_server(tmp_path)
        assert lock.exists()
    finally:
        server.kill()
        server.wait()
