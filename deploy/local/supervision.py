"""The process manager of one stack: `supervisord`, spoken to over its unix socket."""

import os
import sys
import time
import xmlrpc.client
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psutil
from supervisor.xmlrpc import SupervisorTransport

from deploy.local.errors import StackError
from deploy.local.layout import Layout
from deploy.local.machine import of_the_machine
from deploy.local.run_logged import run_logged

# Every process of a stack carries the name of its folder, which tells orphans from strangers.
MARK: Final = "KEFU_STACK"
START_SECONDS: Final = 10.0


@dataclass(frozen=True)
class ProcessInfo:
    """What supervisor knows of a process: its state (`RUNNING`, `STOPPED`, …), pid and uptime in seconds."""

    name: str
    state: str
    pid: int | None
    uptime: float


class Supervision:
    """Starts, changes and stops the supervisord of one stack."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def is_running(self) -> bool:
        """Whether supervisord answers on its socket."""
        try:
            self._call("supervisor.getState")
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def apply(self) -> None:
        """Makes supervisord know exactly the programs of the configuration; what changed or left it is stopped."""
        if not self.is_running():
            self._launch()
            return
        ((added, changed, removed),) = self._call("supervisor.reloadConfig")
        self.stop([*changed, *removed])
        for name in (*changed, *removed):
            self._call("supervisor.removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("supervisor.addProcessGroup", name)

    def processes(self) -> dict[str, ProcessInfo]:
        """All known processes by name; none when supervisord is not running."""
        try:
            answer = self._call("supervisor.getAllProcessInfo")
        except OSError:
            return {}
        return {
            one["name"]: ProcessInfo(
                name=one["name"],
                state=one["statename"],
                pid=one["pid"] or None,
                uptime=float(one["now"] - one["start"]) if one["pid"] else 0.0,
            )
            for one in answer
        }

    def start(self, names: Collection[str]) -> None:
        """Starts what is not running, without waiting for it to answer."""
        known = self.processes()
        for name in names:
            if known[name].state not in ("RUNNING", "STARTING"):
                self._call("supervisor.startProcess", name, False)

    def stop(self, names: Collection[str]) -> None:
        """Asks all of them at once and returns when every one is gone, drained or killed."""
        known = self.processes()
        ours = [name for name in names if name in known]
        for name in ours:
            # Refused for what has exited by itself meanwhile.
            with suppress(xmlrpc.client.Fault):
                self._call("supervisor.stopProcess", name, False)
        while any(info.pid for name, info in self.processes().items() if name in ours):
            time.sleep(0.05)
        for name in ours:
            self._layout.pid_file(name).unlink(missing_ok=True)

    def shut_down(self) -> None:
        """Ends supervisord itself and returns when it is gone."""
        pid = self._call("supervisor.getPID")
        self._call("supervisor.shutdown")
        with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            psutil.Process(pid).wait(timeout=60)

    def _launch(self) -> None:
        socket = self._layout.supervisor_socket
        socket.parent.mkdir(mode=0o700, exist_ok=True)
        if socket.parent.stat().st_uid != os.getuid():
            raise StackError(f"{socket.parent} belongs to somebody else.", hint="set TMPDIR to a folder of your own")
        socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "deploy.local.daemon", str(self._layout.supervisor_configuration)]
        log = self._layout.log_file("supervisord-start")
        environment = daemon_environment(self._layout)
        launched = run_logged(command, log, folder=self._layout.root, environment=environment)
        deadline = time.monotonic() + START_SECONDS
        while launched and time.monotonic() < deadline:
            if self.is_running():
                return
            time.sleep(0.05)
        raise StackError("The process manager did not start.", log=log, hint="`make down`, then `make up` again")

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(serverurl=f"unix://{self._layout.supervisor_socket}")
        # The host is a formality of XML-RPC; the transport goes to the socket.
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(proxy, method)(*arguments)
        finally:
            transport.close()


def daemon_environment(layout: Layout, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What every process inherits: the machine's variables, none of one caller's settings (start scripts set those)."""
    return {**of_the_machine(environment), MARK: str(layout.root)}
