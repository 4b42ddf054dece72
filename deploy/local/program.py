"""One process of the stack, and how the process manager is told about it."""

import hashlib
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.local.layout import Layout
from deploy.local.shell_file import write_at_once

# A service drains for up to 20 s when it is asked to stop.
STOP_SECONDS: Final = 25


@dataclass(frozen=True)
class Program:
    """A process to keep running: `name` is `<service>-<n>`; `port` is where it listens, if it does.

    `serves_http` says that it answers `/readyz` there; `address` is what people are shown.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    port: int | None = None
    address: str = ""
    serves_http: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_seconds: int = STOP_SECONDS
    whole_group: bool = True


def write_configuration(layout: Layout, programs: Iterable[Program]) -> None:
    """Writes `supervisord.conf` and a start script a process, all for the owner's eyes only."""
    sections = [_head(layout), *(_section(layout, program) for program in programs)]
    write_at_once(layout.supervisor_configuration, "\n".join(sections))


def _head(layout: Layout) -> str:
    # supervisor expands `%(…)s` in every value.
    socket = str(layout.supervisor_socket).replace("%", "%%")
    # supervisord warns about running as root unless it is told to.
    user = "user=root\n" if os.geteuid() == 0 else ""
    return f"""\
; Written by `make up`; changes are lost.
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{socket}

[supervisord]
pidfile={_inside(layout, layout.supervisor_pid)}
logfile={_inside(layout, layout.log_file("supervisord"))}
logfile_maxbytes=5MB
logfile_backups=2
{user}"""


def _section(layout: Layout, program: Program) -> str:
    script = _start_script(layout, program)
    file = layout.run / f"{program.name}.sh"
    write_at_once(file, script)
    # The script's digest is an argument that nobody reads: it makes supervisor see that the script has changed.
    command = shlex.join(["sh", _inside(layout, file), hashlib.sha256(script.encode()).hexdigest()[:12]])
    group = str(program.whole_group).lower()
    # startsecs=0 makes every exit an exit: the process is started again at once, without a back-off that grows.
    return f"""\
[program:{program.name}]
command={command}
autostart=false
autorestart=true
startsecs=0
stopsignal={program.stop_signal}
stopwaitsecs={program.stop_seconds}
stopasgroup={group}
killasgroup={group}
redirect_stderr=true
stdout_logfile={_inside(layout, layout.log_file(program.name))}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def _start_script(layout: Layout, program: Program) -> str:
    """Variables in shell quotes, because supervisor's own file format has no way to quote every value.

    The pid file is put in place whole, for those who watch it.
    """
    pid_file = shlex.quote(str(layout.pid_file(program.name)))
    return "\n".join(
        [
            *(f"export {name}={shlex.quote(value)}" for name, value in sorted(program.environment.items())),
            f"cd {shlex.quote(str(program.directory))} || exit 1",
            f"echo $$ > {pid_file}.new && mv -f {pid_file}.new {pid_file}",
            f"exec {shlex.join(program.command)}",
            "",
        ]
    )


def _inside(layout: Layout, path: Path) -> str:
    """Relative to the stack's folder, where supervisord runs: whatever that folder's name is, it needs no quoting."""
    return str(path.relative_to(layout.root))
